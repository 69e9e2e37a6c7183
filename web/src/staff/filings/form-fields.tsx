import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";
import { errorOf, type FieldError } from "../../ui/errors";
import { RadioGroup, TextField } from "../../ui/fields";
import { said } from "./words";

export type Form = Record<string, string>;
type Field = Schemas["FilingField"];

/** Whether a field is asked, by what else is filled in. */
export const isShown = (field: Field, form: Form): boolean => !field.shown_when || form[field.shown_when[0] ?? ""] === field.shown_when[1];

/** The fields of a notification, as its definition has them. */
export function FormFields({ fields, form, errors, remarks, onChange }: {
  fields: Field[];
  form: Form;
  errors: FieldError[];
  remarks: Form;
  onChange: (id: string, text: string) => void;
}) {
  const { t } = useLingui();
  return (
    <>
      {fields.filter((field) => isShown(field, form)).map((field) => {
        const id = `form-${field.id}`;
        const remark = remarks[field.id];
        // A remark is what has to be mended, until something else is wrong.
        const error = errorOf(errors, id) ?? (remark ? t`指摘：${remark}` : undefined);
        const common = { id, hint: field.source, error, value: form[field.id] ?? "", onChange: (text: string) => { onChange(field.id, text); } };
        if (field.type === "choice") {
          return <RadioGroup key={field.id} legend={said(field)} options={(field.options ?? []).map((one) => ({ value: one.id, label: said(one) }))} {...common} />;
        }
        return <TextField key={field.id} label={said(field)} optional={!field.required} {...(field.type === "long" ? { rows: 3 } : {})} {...(field.type === "date" ? { type: "date" as const, width: "medium" as const } : {})} {...common} />;
      })}
    </>
  );
}
