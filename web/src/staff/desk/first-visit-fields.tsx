import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";
import { errorOf, type FieldError } from "../../ui/errors";
import { SelectField, TextField } from "../../ui/fields";

export interface FirstVisitEntry {
  basis: Schemas["FirstVisitBasis"] | "";
  last: string;
  sources: Schemas["Source"][];
}

/** On what a first visit rests, and when the patient was last seen in person. */
export function FirstVisitFields({ stage, errors, entry, onChange }: {
  stage: Schemas["Stage"];
  errors: FieldError[];
  entry: FirstVisitEntry;
  onChange: (entry: FirstVisitEntry) => void;
}) {
  const { t } = useLingui();
  const sources: { value: Schemas["Source"]; label: string }[] = [
    { value: "past_records", label: t`これまでの診療の記録` },
    { value: "referral_letter", label: t`診療情報提供書（紹介状）` },
    { value: "checkup_result", label: t`健康診断の結果` },
    { value: "regional_network", label: t`地域医療情報ネットワーク` },
    { value: "medication_notebook", label: t`お薬手帳` },
    { value: "phr", label: t`PHR（本人の健康記録）` },
  ];
  return (
    <>
      {stage === "repeat" ? null : (
        <SelectField id="first_visit_basis" label={t`初診の根拠`} error={errorOf(errors, "first_visit_basis")} value={entry.basis} onChange={(basis) => { onChange({ ...entry, basis }); }} options={[
          { value: "", label: stage === "first" ? t`まだない（医師が確かめる）` : t`初診ではない` },
          { value: "kakaritsuke", label: t`かかりつけの医師` },
          { value: "info_sufficient", label: t`医学的情報が十分にある` },
          { value: "pre_consultation", label: t`診療前相談で合意した` },
        ]} />
      )}
      {stage === "first" ? null : (
        <TextField id="last_in_person_on" type="date" width="medium" optional label={t`最後に来院した日`} error={errorOf(errors, "last_in_person_on")} value={entry.last} onChange={(last) => { onChange({ ...entry, last }); }} />
      )}
      {entry.basis === "info_sufficient" ? (
        <fieldset className="field">
          <legend>{t`手元にある医学的情報`}</legend>
          {sources.map(({ value, label }) => (
            <label className="choice" key={value}>
              <input type="checkbox" id={`medical_information_source-${value}`} checked={entry.sources.includes(value)} onChange={(event) => {
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
