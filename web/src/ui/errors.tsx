import { useLingui } from "@lingui/react/macro";
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { problemOf } from "../api/problem";
import { language } from "../i18n";
import { useComplaint } from "./page";

/** An error of one field, told twice in the same words: in the summary and beside the field. */
export interface FieldError {
  /** The id of the field's control, to which the summary links. */
  field: string;
  text: string;
  /** The sentence may not say of which field it is. */
  bare?: true;
  /** What the field is called, where the sentence leaves that open: the summary says it. */
  name?: string;
}

const NONE: FieldError[] = [];

/** What a control is called on the page: by its group, its label or itself. */
function nameOf(field: string): string {
  const control = document.getElementById(field);
  if (!(control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement || control instanceof HTMLSelectElement)) return "";
  const words = control.type === "radio" ? control.closest("fieldset")?.querySelector("legend") : control.labels?.[0];
  return control.getAttribute("aria-label") ?? words?.firstChild?.textContent ?? "";
}

/** The name without what stands in brackets, as a sentence would have it. */
const plain = (name: string): string => name.replace(/[（(].*$/, "").trim().toLowerCase();

/** The errors with the names of the fields whose sentences could be of any field, or stand there more than once. */
const named = (errors: FieldError[]): FieldError[] => errors.map((error) => {
  const { field, text, bare } = error;
  const name = nameOf(field);
  const unclear = (bare && !text.toLowerCase().includes(plain(name))) || errors.some((other) => other !== error && other.text === text);
  return unclear && name ? { ...error, name } : error;
});

/** The errors of a form. They are sentences of one language: in another one they are gone until the next try. */
export function useErrors(first: () => FieldError[] = () => NONE): [FieldError[], (errors: FieldError[]) => void] {
  const { i18n } = useLingui();
  const [held, setHeld] = useState(() => ({ spoken: language(), errors: first() }));
  const setErrors = useCallback((errors: FieldError[]) => { setHeld({ spoken: language(), errors: named(errors) }); }, []);
  return [held.spoken === i18n.locale ? held.errors : NONE, setErrors];
}

/** The text of the error of a field, if it has one. */
export function errorOf(errors: FieldError[], field: string): string | undefined {
  return errors.find((error) => error.field === field)?.text;
}

/** What the server refused of a form's fields, as errors of the controls with the ids `prefix-FIELD`. */
export const fieldErrors = (error: unknown, prefix: string): FieldError[] =>
  problemOf(error).fields.map(({ pointer, detail }) => ({ field: `${prefix}${pointer.replaceAll("/", "-")}`, text: detail, bare: true }));

/** All that is wrong with a form, at the top of it, focused as soon as it appears. */
export function ErrorSummary({ errors }: { errors: FieldError[] }) {
  const { t } = useLingui();
  const box = useRef<HTMLDivElement>(null);
  useFocusOn(box, errors);
  useComplaint(errors.length > 0);
  if (errors.length === 0) return null;
  const said = ({ name, text }: FieldError): string => (name ? t`${name}：${text}` : text);
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
            }}>{said(error)}</a>
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

/** A failed call, told where it matters; `retry` offers to try again. What the server said of it is of one language. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useLingui();
  const words = useProblemText();
  const [told, setTold] = useState({ error, spoken: language() });
  useComplaint(true);
  if (told.error !== error) setTold({ error, spoken: language() });
  return (
    <div className="banner banner-error" role="alert">
      <p>{words(told.spoken === language() ? error : null)}</p>
      {retry ? (
        <button type="button" className="button button-outline" onClick={retry}>
          {t`もう一度試す`}
        </button>
      ) : null}
    </div>
  );
}
