import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";
import { errorOf, type FieldError } from "../../ui/errors";
import { FieldErrorText, SelectField, TextField } from "../../ui/fields";
import { useBases, useSources } from "./words";

export interface FirstVisitEntry {
  basis: Schemas["FirstVisitBasis"] | "";
  last: string;
  sources: Schemas["Source"][];
}

/** On what a first visit rests, and when the patient was last seen in person. */
export function FirstVisitFields({ stage, prefix = "", errors, entry, onChange }: {
  stage: Schemas["Stage"];
  /** Before the ids of the controls, where another form beside has them too. */
  prefix?: string;
  errors: FieldError[];
  entry: FirstVisitEntry;
  onChange: (entry: FirstVisitEntry) => void;
}) {
  const { t } = useLingui();
  const sourcesId = `${prefix}medical_information_source`;
  const missing = errorOf(errors, sourcesId);
  const bases = useBases();
  const sources = useSources();
  return (
    <>
      {stage === "repeat" ? null : (
        <SelectField id={`${prefix}first_visit_basis`} label={t`初診の根拠`} error={errorOf(errors, `${prefix}first_visit_basis`)} value={entry.basis} onChange={(basis) => { onChange({ ...entry, basis }); }} options={[
          { value: "", label: stage === "first" ? t`まだない（医師が確かめる）` : t`初診ではない` },
          ...bases,
        ]} />
      )}
      {stage === "first" && entry.basis !== "kakaritsuke" ? null : (
        <TextField id={`${prefix}last_in_person_on`} type="date" width="medium" optional={entry.basis !== "kakaritsuke"} label={t`最後に来院した日`} error={errorOf(errors, `${prefix}last_in_person_on`)} value={entry.last} onChange={(last) => { onChange({ ...entry, last }); }} />
      )}
      {entry.basis === "info_sufficient" ? (
        <fieldset className={`field${missing ? " field-failed" : ""}`} {...(missing ? { "aria-describedby": `${sourcesId}-error` } : {})}>
          <legend>{t`手元にある医学的情報`}</legend>
          <FieldErrorText id={sourcesId} error={missing} />
          {sources.map(({ value, label }, place) => (
            <label className="choice" key={value}>
              <input type="checkbox" id={place === 0 ? sourcesId : `${sourcesId}-${value}`} checked={entry.sources.includes(value)} onChange={(event) => {
                onChange({ ...entry, sources: event.target.checked ? [...entry.sources, value] : entry.sources.filter((other) => other !== value) });
              }} />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
      ) : null}
    </>
  );
}
