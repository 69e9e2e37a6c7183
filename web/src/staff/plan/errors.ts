import { problemOf } from "../../api/problem";
import type { FieldError } from "../../ui/errors";

/** What a server refused of a form's fields, as errors of the controls with the ids `prefix-FIELD`. */
export const fieldErrors = (error: unknown, prefix: string): FieldError[] =>
  problemOf(error).fields.map(({ pointer, detail }) => ({ field: `${prefix}${pointer.replaceAll("/", "-")}`, text: detail }));

/** A whole number that somebody wrote, with or without commas; nothing where it is none. */
export const wholeNumber = (text: string): number | undefined => {
  const plain = text.normalize("NFKC").replaceAll(",", "").trim();
  return /^\d{1,12}$/.test(plain) ? Number(plain) : undefined;
};
