import { FieldErrorText } from "../../ui/fields";

/** A native time field with its label; minutes go by five. */
export function TimeField({ id, label, error, value, onChange }: { id: string; label: string; error?: string | undefined; value: string; onChange: (value: string) => void }) {
  return (
    <div className={`field${error ? " field-failed" : ""}`}>
      <label htmlFor={id}>{label}</label>
      <FieldErrorText id={id} error={error} />
      <input type="time" id={id} name={id} step={300} className="input input-time" value={value} {...(error ? { "aria-invalid": true, "aria-describedby": `${id}-error` } : {})} onChange={(event) => { onChange(event.target.value); }} />
    </div>
  );
}
