import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { count, dateOf, language, share } from "../../i18n";
import { bothCalendars } from "../../i18n/wareki";
import { Banner } from "../../ui/banner";
import { Failure } from "../../ui/errors";
import { SelectField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { SummaryList } from "../../ui/summary-list";
import { CLINIC_ZONE } from "../today-page";
import { useCall } from "../use-call";
import { READ_ONCE_SHOWN } from "../read-once";
import { AnswersForm } from "./answers-form";
import { MonthsForm } from "./months-form";
import { PlaceForm } from "./place-form";
import { useProblemWords } from "./words";

/** The yearly report on care using ICT devices: what the visits say, what the clinic says beside them, final versions. */
export function AugustPage() {
  const { t } = useLingui();
  const years = api.useQuery("get", "/api/clinic/august");
  const [chosen, setChosen] = useState("");
  const items = years.data?.items ?? [];
  const year = items.find((one) => String(one.year) === chosen)?.year ?? items[0]?.year;
  return (
    <>
      <PageTitle title={t`8月報告`} />
      <p>{t`情報通信機器を用いた診療を届け出た医療機関が、毎年8月に前年8月から7月までの件数を報告します。`}</p>
      <QueryState query={years} />
      {years.data && items.length === 0 ? <p>{t`届出が有効な期間がないため、報告はありません。`}</p> : null}
      {year === undefined ? null : (
        <>
          <SelectField id="year" label={t`報告する年`} value={String(year)} onChange={setChosen} options={items.map((one) => ({ value: String(one.year), label: t`${one.year}年8月` }))} />
          <OfYear key={year} year={year} />
        </>
      )}
    </>
  );
}

function OfYear({ year }: { year: number }) {
  const query = api.useQuery("get", "/api/clinic/august/{year}", { params: { path: { year } } }, READ_ONCE_SHOWN);
  return (
    <>
      <QueryState query={query} />
      {query.data ? <Drawn key={query.dataUpdatedAt} year={year} first={query.data} onReload={() => { void query.refetch(); }} /> : null}
    </>
  );
}

function Drawn({ year, first, onReload }: { year: number; first: Schemas["August"]; onReload: () => void }) {
  const { t } = useLingui();
  const [august, setAugust] = useState(first);
  const { report, finals } = august;
  const unknown = report.problems.find((one) => one.code === "unknown_place");
  return (
    <>
      <Standing august={august} />
      <Figures report={report} />
      {unknown ? (
        <section aria-labelledby="places-title">
          <h2 id="places-title">{t`所在の分からない診察`}</h2>
          <p>{t`患者がどの都道府県にいたかを入れるまで、報告は確定できません。`}</p>
          {unknown.of.map((booking) => <PlaceForm key={booking} year={year} booking={booking} onDone={setAugust} />)}
        </section>
      ) : null}
      <MonthsForm year={year} months={report.months} onDone={setAugust} />
      <AnswersForm key={`answers-${String(report.areas.length)}`} year={year} august={august} onDone={setAugust} onReload={onReload} />
      <Finish year={year} august={august} onDone={setAugust} />
      {finals.length > 0 ? (
        <>
          <h2>{t`確定した版`}</h2>
          <ul>
            {finals.map((one) => (
              <li key={one.version}>
                {t`第${one.version}版（${bothCalendars(dateOf(new Date(one.at), CLINIC_ZONE), language())}）`}{" "}
                <Files year={year} version={one.version} />
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  );
}

/** The report as a page for A4 and as a file: server pages, opened as such. */
function Files({ year, version }: { year: number; version?: number }) {
  const { t } = useLingui();
  const query = new URLSearchParams({ lang: language(), ...(version === undefined ? {} : { version: String(version) }) }).toString();
  const base = `/api/clinic/august/${String(year)}/report`;
  return (
    <>
      <a href={`${base}.html?${query}`}>{t`A4の紙面`}</a>{" "}
      <a href={`${base}.csv?${query}`}>CSV</a>
    </>
  );
}

function Standing({ august }: { august: Schemas["August"] }) {
  const { t } = useLingui();
  const words = useProblemWords();
  const { report } = august;
  if (report.problems.length === 0) return <Banner kind="info" title={t`足りない項目はありません。確定できます`} />;
  const blocked = report.problems.some((one) => one.blocks);
  return (
    <Banner kind={blocked ? "warning" : "info"} title={blocked ? t`まだ確定できません` : t`お知らせ`}>
      <ul>{report.problems.map((one) => <li key={one.code}>{words(one)}</li>)}</ul>
    </Banner>
  );
}

function Figures({ report }: { report: Schemas["AugustReport"] }) {
  const { t } = useLingui();
  const { total } = report;
  const left = total.same.visits + total.other.visits;
  const right = total.online_first + total.online_repeat;
  const own = report.head.form === "medical" ? t`① 同一都道府県` : t`① 同一市区町村`;
  const other = report.head.form === "medical" ? t`② 他の都道府県` : t`② 他の市区町村`;
  const part = report.share;
  return (
    <section aria-labelledby="figures-title">
      <h2 id="figures-title">{t`件数`}</h2>
      <SummaryList rows={[
        { term: t`報告の期間`, value: t`${bothCalendars(report.from, language())}から${bothCalendars(report.until, language())}まで` },
        { term: own, value: t`${count(total.same.visits)}（うち紹介 ${count(total.same.referred)}）` },
        { term: other, value: t`${count(total.other.visits)}（うち紹介 ${count(total.other.referred)}）` },
        { term: t`所在不明`, value: count(total.unknown.visits) },
        { term: t`②の割合`, value: part ? share((part.part * 100) / part.whole, part.part, part.whole) : "―" },
        { term: t`オンライン 初診料`, value: t`${count(total.online_first)}（診療前相談あり ${count(total.first_with_talk)}、以後の対面なし ${count(total.first_without_later)}）` },
        { term: t`オンライン 再診料等`, value: count(total.online_repeat) },
        { term: t`確認（①＋②＝初診料＋再診料等）`, value: report.sums_agree ? t`一致（${count(left)}）` : t`不一致（${count(left)} と ${count(right)}）` },
      ]} />
    </section>
  );
}

function Finish({ year, august, onDone }: { year: number; august: Schemas["August"]; onDone: (next: Schemas["August"]) => void }) {
  const { t } = useLingui();
  const [done, setDone] = useState<number>();
  const { busy, failure, call } = useCall();
  const finish = async () => {
    setDone(undefined);
    const next = await call(() => client.POST("/api/clinic/august/{year}/final", { params: { path: { year } } }));
    if (!next) return;
    setDone(next.finals[0]?.version);
    onDone(next);
  };
  return (
    <section aria-labelledby="finish-title">
      <h2 id="finish-title">{t`紙面と確定`}</h2>
      <p>{t`今の内容:`} <Files year={year} /></p>
      <p>{t`確定した版は変わりません。あとで直したときは、次の版になります。`}</p>
      {failure ? <Failure error={failure} /> : null}
      {done === undefined ? null : <Banner kind="success" live title={t`第${done}版として確定しました`} />}
      <button type="button" className="button button-solid" disabled={busy || !august.ready} onClick={() => { void finish(); }}>{t`確定する`}</button>
    </section>
  );
}
