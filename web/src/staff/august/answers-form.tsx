import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { client, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { Banner } from "../../ui/banner";
import { errorOf, ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { CheckField, TextField } from "../../ui/fields";
import { usePrefectures } from "../../ui/prefectures";
import { count } from "../../i18n";
import { useCall } from "../use-call";

type Said = { institution: string; referral: string; agreed: boolean };
const NOTHING: Said = { institution: "", referral: "", agreed: false };

/** What is answered once a year: how talks before care are held, and care in person for patients far away. */
export function AnswersForm({ year, august, onDone, onReload }: { year: number; august: Schemas["August"]; onDone: (next: Schemas["August"]) => void; onReload: () => void }) {
  const { t } = useLingui();
  const names = new Map(usePrefectures().map(({ value, label }) => [value, label]));
  const { areas } = august.report;
  const [version, setVersion] = useState(august.version);
  const [talk, setTalk] = useState(august.report.talk ?? { series: false, separated: false, other: false });
  const [said, setSaid] = useState(() => new Map<string, Said>(areas.flatMap((one) => (one.arrangement ? [[one.area, one.arrangement]] : []))));
  const [errors, setErrors] = useErrors();
  const [saved, setSaved] = useState(false);
  const { busy, failure, call } = useCall();
  const put = (area: string, part: Partial<Said>) => {
    setSaved(false);
    setSaid(new Map(said).set(area, { ...NOTHING, ...said.get(area), ...part }));
  };
  const choose = (part: Partial<typeof talk>) => {
    setSaved(false);
    setTalk({ ...talk, ...part });
  };
  const save = async () => {
    setSaved(false);
    const filled = [...said].filter(([, one]) => one.institution.trim() !== "" || one.referral.trim() !== "");
    const wrong = filled.flatMap(([area, one]) => [
      ...(one.institution.trim() ? [] : [`institution-${area}`]),
      ...(one.referral.trim() ? [] : [`referral-${area}`]),
    ]);
    setErrors(wrong.map((field) => ({ field, text: t`医療機関と紹介の方法を、どちらも入れてください` })));
    if (wrong.length > 0) return;
    const body = { talk, arrangements: Object.fromEntries(filled), version };
    const next = await call(() => client.PUT("/api/clinic/august/{year}/answers", { params: { path: { year } }, body }));
    if (!next) return;
    setVersion(next.version);
    setSaved(true);
    onDone(next);
  };
  return (
    <form className="narrow-form" noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <h2>{t`年に一度の回答`}</h2>
      <ErrorSummary errors={errors} />
      {failure ? <Failure error={failure} /> : null}
      {failure && problemOf(failure).code === "stale" ? (
        <p><button type="button" className="button button-outline" onClick={onReload}>{t`今の内容を読み込む（入れた内容は消えます）`}</button></p>
      ) : null}
      {saved ? <Banner kind="success" live title={t`回答を保存しました`} /> : null}
      <fieldset className="field">
        <legend>{t`診療前相談の方法（いくつでも）`}</legend>
        <CheckField id="talk-series" label={t`診療前相談から続けて診療する`} checked={talk.series} onChange={(series) => { choose({ series }); }} />
        <CheckField id="talk-separated" label={t`診療前相談と診療を別に行う`} checked={talk.separated} onChange={(separated) => { choose({ separated }); }} />
        <CheckField id="talk-other" label={t`その他`} checked={talk.other} onChange={(other) => { choose({ other }); }} />
      </fieldset>
      {areas.length > 0 ? (
        <>
          <h3>{t`離れた地域の患者の対面診療`}</h3>
          <p>{t`②の割合が大きいため、件数の多い地域について、対面診療の体制を報告します。`}</p>
        </>
      ) : null}
      {areas.map(({ area, visits }) => {
        const one = said.get(area) ?? NOTHING;
        return (
          <fieldset className="card" key={area}>
            <legend>{t`${names.get(area) ?? area}（${count(visits)}件）`}</legend>
            <TextField id={`institution-${area}`} label={t`対面診療を行う医療機関`} error={errorOf(errors, `institution-${area}`)} value={one.institution} onChange={(institution) => { put(area, { institution }); }} />
            <TextField id={`referral-${area}`} label={t`紹介の方法`} error={errorOf(errors, `referral-${area}`)} value={one.referral} onChange={(referral) => { put(area, { referral }); }} />
            <CheckField id={`agreed-${area}`} label={t`事前に合意している`} checked={one.agreed} onChange={(agreed) => { put(area, { agreed }); }} />
          </fieldset>
        );
      })}
      <button type="submit" className="button button-solid" disabled={busy}>{t`回答を保存する`}</button>
    </form>
  );
}
