import { useLingui } from "@lingui/react/macro";
import { type RefObject, useEffect, useRef } from "react";
import { problemOf } from "../api/problem";
import { useComplaint } from "./page";

/** An error of one field, told twice in the same words: in the summary and beside the field. */
export interface FieldError {
  /** The id of the field's control, to which the summary links. */
  field: string;
  text: string;
}

/** The text of the error of a field, if it has one. */
export function errorOf(errors: FieldError[], field: string): string | undefined {
  return errors.find((error) => error.field === field)?.text;
}

/** What the server refused of a form's fields, as errors of the controls with the ids `prefix-FIELD`. */
export const fieldErrors = (error: unknown, prefix: string): FieldError[] =>
  problemOf(error).fields.map(({ pointer, detail }) => ({ field: `${prefix}${pointer.replaceAll("/", "-")}`, text: detail }));

/** All that is wrong with a form, at the top of it, focused as soon as it appears. */
export function ErrorSummary({ errors }: { errors: FieldError[] }) {
  const { t } = useLingui();
  const box = useRef<HTMLDivElement>(null);
  useFocusOn(box, errors);
  useComplaint(errors.length > 0);
  if (errors.length === 0) return null;
  return (
    <div className="error-summary" ref={box} tabIndex={-1} role="alert" aria-labelledby="error-summary-title">
      <h2 id="error-summary-title">{t`問題があります`}</h2>
      <ul>
        {errors.map((error) => (
          <li key={error.field}>
            <a href={`#${error.field}`} onClick={(event) => {
              const control = document.getElementById(error.field);
              if (!control) return;
              event.preventDefault();
              control.focus();
              control.scrollIntoView({ block: "center" });
            }}>{error.text}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function useFocusOn(box: RefObject<HTMLDivElement | null>, errors: FieldError[]): void {
  useEffect(() => {
    if (errors.length > 0) box.current?.focus();
  }, [box, errors]);
}

/** A sentence for what went wrong when there is no field to point at. */
export function useProblemText(): (error: unknown) => string {
  const { t } = useLingui();
  return (error) => {
    const problem = problemOf(error);
    if (problem.detail) return problem.detail;
    if (problem.code === "network") return t`つながりませんでした。電波の状態を確かめて、もう一度試してください。`;
    return t`うまくいきませんでした。しばらくしてから、もう一度試してください。`;
  };
}

/** A failed call, told where it matters; `retry` offers to try again. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useLingui();
  const words = useProblemText();
  useComplaint(true);
  return (
    <div className="banner banner-error" role="alert">
      <p>{words(error)}</p>
      {retry ? (
        <button type="button" className="button button-outline" onClick={retry}>
          {t`もう一度試す`}
        </button>
      ) : null}
    </div>
  );
}
