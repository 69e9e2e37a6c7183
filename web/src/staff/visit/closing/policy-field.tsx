import { useLingui } from "@lingui/react/macro";
import { LANGUAGES, type Language } from "../../../i18n";
import { errorOf, type FieldError } from "../../../ui/errors";
import { TextField } from "../../../ui/fields";
import type { Entry } from "./facts";

/** What the patient reads is in the patient's language, whichever the doctor's page speaks. */
const USUAL: Record<Language, string> = {
  ja: "よくならないとき、悪くなったときは、この医療機関に電話してください。急ぐときは 119番へ。",
  en: "If you do not get better, or get worse, please telephone this clinic. In an emergency call 119.",
};

/** What the patient is to do from here on, with a sentence that fits most visits: first in the language in which the patient reads, which is said. */
export function PolicyField({ reads, entry, errors, onChange }: {
  reads: Language;
  entry: Pick<Entry, "guideline" | "policy">;
  errors: FieldError[];
  onChange: (change: Pick<Entry, "policy">) => void;
}) {
  const { t } = useLingui();
  const words: Record<Language, string> = { ja: t`いつもの文を入れる（日本語）`, en: t`いつもの文を入れる（英語）` };
  const says: Record<Language, string> = { ja: t`患者さんは日本語で読みます`, en: t`患者さんは英語で読みます` };
  const own = entry.policy.trim();
  // The other language can still be chosen until the doctor wrote something of their own.
  const offered = LANGUAGES.filter((one) => own !== USUAL[one]).sort((a, b) => Number(b === reads) - Number(a === reads));
  return (
    <>
      <TextField id="onward_policy" rows={3} optional={!entry.guideline} label={t`今後の方針（患者さんが読みます）`} hint={says[reads]} error={errorOf(errors, "onward_policy")} value={entry.policy} onChange={(policy) => { onChange({ policy }); }} />
      {own && offered.length === LANGUAGES.length ? null : (
        <p className="buttons">
          {offered.map((one) => (
            <button key={one} type="button" className="button button-outline" onClick={() => { onChange({ policy: USUAL[one] }); }}>{words[one]}</button>
          ))}
        </p>
      )}
    </>
  );
}
