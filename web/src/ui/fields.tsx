import { useLingui } from "@lingui/react/macro";
import type { HTMLAttributes, ReactNode } from "react";

/** The ids that tie hint and error to a control. */
function described(id: string, hint: unknown, error: unknown): { "aria-describedby"?: string; "aria-invalid"?: true } {
  const ids = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return { ...(ids ? { "aria-describedby": ids } : {}), ...(error ? { "aria-invalid": true as const } : {}) };
}

/** The error beside a field, in the words of the summary. */
export function FieldErrorText({ id, error }: { id: string; error?: string | undefined }) {
  return error ? (
    <p className="field-error" id={`${id}-error`}>
      {error}
    </p>
  ) : null;
}

/** A label with control, hint and error. Fields are required unless said otherwise. */
export function TextField({ id, label, hint, error, optional = false, value, onChange, type = "text", autoComplete, inputMode, rows, width }: {
  id: string;
  label: string;
  hint?: string;
  error?: string | undefined;
  optional?: boolean;
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "tel" | "email" | "password" | "date" | "search";
  autoComplete?: string;
  inputMode?: HTMLAttributes<HTMLInputElement>["inputMode"];
  /** More than one line: a text area of so many rows. */
  rows?: number;
  width?: "short" | "medium";
}) {
  const { t } = useLingui();
  const common = {
    id,
    name: id,
    value,
    className: `input${width ? ` input-${width}` : ""}`,
    ...(autoComplete ? { autoComplete } : {}),
    ...described(id, hint, error),
  };
  return (
    <div className={`field${error ? " field-failed" : ""}`}>
      <label htmlFor={id}>
        {label}
        {optional ? <span className="optional">{t`（書かなくてもよい）`}</span> : null}
      </label>
      {hint ? (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      <FieldErrorText id={id} error={error} />
      {rows ? (
        <textarea {...common} rows={rows} onChange={(event) => { onChange(event.target.value); }} />
      ) : (
        <input {...common} type={type} {...(inputMode ? { inputMode } : {})} onChange={(event) => { onChange(event.target.value); }} />
      )}
    </div>
  );
}

/** A native select with its label. */
export function SelectField<V extends string>({ id, label, hint, error, value, options, onChange }: {
  id: string;
  label: string;
  hint?: string;
  error?: string | undefined;
  value: V;
  options: readonly { value: V; label: string }[];
  onChange: (value: V) => void;
}) {
  return (
    <div className={`field${error ? " field-failed" : ""}`}>
      <label htmlFor={id}>{label}</label>
      {hint ? (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      <FieldErrorText id={id} error={error} />
      <select id={id} name={id} className="input select" value={value} {...described(id, hint, error)} onChange={(event) => {
        const chosen = options.find((option) => option.value === event.target.value);
        if (chosen) onChange(chosen.value);
      }}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A group of native radio buttons, 44 px and more to touch. */
export function RadioGroup<V extends string>({ id, legend, hint, error, value, options, onChange, plain = false }: {
  id: string;
  legend: ReactNode;
  hint?: string;
  error?: string | undefined;
  value: V | "";
  options: readonly { value: V; label: string; hint?: string }[];
  onChange: (value: V) => void;
  /** The legend is only for screen readers, because the page's heading says the same. */
  plain?: boolean;
}) {
  return (
    <fieldset className={`field${error ? " field-failed" : ""}`} {...described(id, hint, error)}>
      <legend className={plain ? "visually-hidden" : ""}>{legend}</legend>
      {hint ? (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      <FieldErrorText id={id} error={error} />
      {options.map((option, index) => (
        <label className="choice" key={option.value}>
          <input type="radio" name={id} id={index === 0 ? id : `${id}-${option.value}`} value={option.value} checked={value === option.value} onChange={() => { onChange(option.value); }} />
          <span>
            {option.label}
            {option.hint ? <span className="choice-hint">{option.hint}</span> : null}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** One check box, never ticked beforehand where it stands for consent. */
export function CheckField({ id, label, error, checked, onChange }: {
  id: string;
  label: ReactNode;
  error?: string | undefined;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <div className={`field${error ? " field-failed" : ""}`}>
      <FieldErrorText id={id} error={error} />
      <label className="choice">
        <input type="checkbox" id={id} name={id} checked={checked} {...described(id, undefined, error)} onChange={(event) => { onChange(event.target.checked); }} />
        <span>{label}</span>
      </label>
    </div>
  );
}
