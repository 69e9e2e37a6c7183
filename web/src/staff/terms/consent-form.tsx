import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { client, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { Banner } from "../../ui/banner";
import { errorOf, ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { TextField } from "../../ui/fields";
import { useCall } from "../use-call";

/** A text to which patients agree: every change is a new version, and who agreed before agreed to the old one. */
export function ConsentForm({ kept, onReload }: { kept: Schemas["ConsentText"]; onReload: () => void }) {
  const { t } = useLingui();
  const [text, setText] = useState(kept);
  const [ja, setJa] = useState(kept.text_ja);
  const [en, setEn] = useState(kept.text_en);
  const [errors, setErrors] = useErrors();
  const [saved, setSaved] = useState(false);
  const [unchanged, setUnchanged] = useState(false);
  const { busy, failure, call } = useCall();
  const { kind } = kept;
  const title = kind === "privacy" ? t`個人情報の扱いについての説明` : t`オンライン診療についての説明`;
  const same = ja.trim() === text.text_ja && en.trim() === text.text_en;
  const save = async () => {
    setSaved(false);
    setUnchanged(same);
    setErrors([]);
    if (same) return;
    const done = await call(async () => {
      const answer = await client.PUT("/api/clinic/consent-texts/{kind}", { params: { path: { kind } }, body: { version: text.version, text_ja: ja.trim(), text_en: en.trim() } });
      setErrors(problemOf(answer.error).fields.map(({ pointer, detail }) => ({ field: `${kind}-${pointer.slice(1)}`, text: detail })));
      return answer;
    });
    const now = done?.items.find((one) => one.kind === kind);
    if (!now) return;
    setText(now);
    setSaved(true);
  };
  const change = (put: (value: string) => void) => (value: string) => {
    setSaved(false);
    setUnchanged(false);
    put(value);
  };
  return (
    <form className="narrow-form" noValidate aria-labelledby={`${kind}-title`} onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <h3 id={`${kind}-title`}>{title}</h3>
      <p>{text.own ? t`この医療機関の文です。第${text.version}版。` : t`はじめから入っている文です。第${text.version}版。直すと、この医療機関の文になります。`}</p>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      {failure && problemOf(failure).code === "stale" ? (
        <p><button type="button" className="button button-outline" onClick={onReload}>{t`今の内容を読み込む（入れた内容は消えます）`}</button></p>
      ) : null}
      {saved ? <Banner kind="success" live title={t`第${text.version}版として保存しました。前の版への同意は、そのまま残ります`} /> : null}
      {unchanged ? <Banner kind="info" live title={t`変更はありません`} /> : null}
      <TextField id={`${kind}-text_ja`} rows={8} label={t`文（日本語）`} error={errorOf(errors, `${kind}-text_ja`)} value={ja} onChange={change(setJa)} />
      <TextField id={`${kind}-text_en`} rows={8} label={t`文（英語）`} error={errorOf(errors, `${kind}-text_en`)} value={en} onChange={change(setEn)} />
      <button type="submit" className="button button-solid" aria-label={t`${title}を保存する`} disabled={busy}>{t`保存する`}</button>
    </form>
  );
}
