import { useLingui } from "@lingui/react/macro";
import { errorOf, type FieldError } from "../../ui/errors";
import { TextField } from "../../ui/fields";
import { freshId, type Option } from "./draft";

/** What can be chosen, in its order. */
export function OptionFields({ options, errors, onChange }: { options: Option[]; errors: FieldError[]; onChange: (options: Option[]) => void }) {
  const { t } = useLingui();
  const put = (place: number, part: Partial<Option>) => { onChange(options.map((one, at) => (at === place ? { ...one, ...part } : one))); };
  const raise = (place: number) => {
    const [before, one] = [options[place - 1], options[place]];
    if (before && one) onChange([...options.slice(0, place - 1), one, before, ...options.slice(place + 1)]);
  };
  const fault = errorOf(errors, "option-add");
  return (
    <fieldset className={`field${fault ? " field-failed" : ""}`}>
      <legend>{t`選択肢`}</legend>
      {options.map((one, place) => (
        <div className="option-row" key={one.id} role="group" aria-label={t`選択肢 ${place + 1}`}>
          <TextField id={`option-${place}-ja`} label={t`日本語`} error={errorOf(errors, `option-${place}-ja`)} value={one.label_ja} onChange={(label_ja) => { put(place, { label_ja }); }} />
          <TextField id={`option-${place}-en`} label={t`英語`} error={errorOf(errors, `option-${place}-en`)} value={one.label_en} onChange={(label_en) => { put(place, { label_en }); }} />
          <p>
            <button type="button" className="link" disabled={place === 0} aria-label={t`選択肢 ${place + 1} を上へ`} onClick={() => { raise(place); }}>{t`上へ`}</button>{" "}
            <button type="button" className="link" aria-label={t`選択肢 ${place + 1} を消す`} onClick={() => {
              onChange(options.filter((_, at) => at !== place));
              document.getElementById("option-add")?.focus();
            }}>{t`消す`}</button>
          </p>
        </div>
      ))}
      {fault ? <p className="field-error" id="option-add-error">{fault}</p> : null}
      <button type="button" id="option-add" className="button button-outline button-small" {...(fault ? { "aria-describedby": "option-add-error" } : {})} onClick={() => {
        onChange([...options, { id: freshId("option", options.map((one) => one.id)), label_ja: "", label_en: "" }]);
      }}>{t`選択肢を足す`}</button>
    </fieldset>
  );
}
