import { useLingui } from "@lingui/react/macro";
import { errorOf, type FieldError } from "../../../ui/errors";
import { CheckField, RadioGroup, TextField } from "../../../ui/fields";
import type { Entry } from "./facts";

/** What was prescribed, as far as the guideline's rules for online care need it (V1(5)). */
export function PrescriptionFields({ entry, errors, onChange }: { entry: Entry; errors: FieldError[]; onChange: (change: Partial<Entry>) => void }) {
  const { t } = useLingui();
  return (
    <>
      <RadioGroup id="prescription-kind" legend={t`処方`} error={errorOf(errors, "prescription-kind")} value={entry.kind} onChange={(kind) => { onChange({ kind }); }} options={[
        { value: "none", label: t`処方なし` },
        { value: "electronic", label: t`電子処方箋` },
        { value: "paper", label: t`紙の処方箋・院内処方` },
      ]} />
      {entry.kind === "none" ? null : (
        <div className="nested">
          <TextField id="prescription-days" label={t`日数`} hint={entry.known ? t`1 から 180` : t`基礎疾患などが分からないときは、7日分まで`} inputMode="numeric" width="short" error={errorOf(errors, "prescription-days")} value={entry.days} onChange={(days) => { onChange({ days }); }} />
          <CheckField id="medications_confirmed" label={t`今使っている薬を確かめた`} error={errorOf(errors, "medications_confirmed")} checked={entry.medicines} onChange={(medicines) => { onChange({ medicines }); }} />
          <fieldset className="field">
            <legend>{t`次の薬を含む`}</legend>
            <CheckField id="prescription-narcotic" label={t`麻薬`} error={errorOf(errors, "prescription-narcotic")} checked={entry.narcotic} onChange={(narcotic) => { onChange({ narcotic }); }} />
            <CheckField id="prescription-psychotropic" label={t`向精神薬`} error={errorOf(errors, "prescription-psychotropic")} checked={entry.psychotropic} onChange={(psychotropic) => { onChange({ psychotropic }); }} />
            <CheckField id="prescription-high_risk" label={t`特に安全管理が必要な薬（薬剤管理指導料「1」）`} error={errorOf(errors, "prescription-high_risk")} checked={entry.highRisk} onChange={(highRisk) => { onChange({ highRisk }); }} />
          </fieldset>
          {entry.kind === "electronic" ? (
            <TextField id="exchange_number" optional label={t`引換番号（6桁）`} hint={t`患者さんに1回だけ表示し、4日目の終わりに消します。あとからでも入れられます。`} inputMode="numeric" width="medium" error={errorOf(errors, "exchange_number")} value={entry.number} onChange={(number) => { onChange({ number }); }} />
          ) : null}
        </div>
      )}
    </>
  );
}
