import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { count, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { errorOf, ErrorSummary, Failure, fieldErrors, useErrors } from "../../ui/errors";
import { CheckField, SelectField, TextField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { prefectureName, usePrefectures } from "../../ui/prefectures";
import { QueryState } from "../../ui/query-state";
import { Said } from "../../ui/said";
import { useAccount } from "../account";
import { TableFrame } from "../table-frame";
import { useCall } from "../use-call";
import { CsvUpload } from "./csv-upload";
import { wholeNumber } from "./numbers";

type Reconciled = Schemas["Reconciled"];
type Criterion = Reconciled["criterion"];

function useCriteria(): Record<Criterion, string> {
  const { t } = useLingui();
  return { online_care_fee_legacy: t`オンライン診療料`, ict_care: t`情報通信機器を用いた診療` };
}

/** Published counts beside counts from rows: the difference is explained or flagged, and the two are never joined. */
export function ReconcilePage() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/reconciliation");
  const mayEnter = useAccount().role === "prefecture_admin";
  const again = () => { void query.refetch(); };
  const items = query.data?.items ?? [];
  const flagged = items.filter((one) => one.flagged).length;
  return (
    <>
      <PageTitle title={t`公表値と名簿の突合`} />
      <p>{t`公表された数と、名簿の行から数えた数を並べます。足したり、つないだりはしません。`}</p>
      <p><a href={`/reconciliation?lang=${language()}`}>{t`公開ページを開く`}</a> ｜ <a href={`/reconciliation.csv?lang=${language()}`} download>{t`CSV をダウンロード`}</a></p>
      <QueryState query={query} />
      {flagged > 0 ? <Banner kind="warning" title={t`要確認が ${count(flagged)} 件あります`} /> : null}
      {items.length > 0 ? <Rows items={items} onExplained={mayEnter ? again : undefined} /> : null}
      {mayEnter ? (
        <>
          <h2>{t`公表値を入れる`}</h2>
          <section className="panel"><CountForm onKept={again} /></section>
          <section className="panel">
            <CsvUpload id="published-file" label={t`CSV で入れる`} columns={t`都道府県、施設基準、時点、年度末、施設数、出典`} onKept={again} send={(file, dryRun) =>
              client.POST("/api/admin/published-counts/file", { params: { query: { dry_run: dryRun } }, body: file.name, bodySerializer: () => file, headers: { "Content-Type": "text/csv" } })
            } />
          </section>
        </>
      ) : null}
    </>
  );
}

function useVerdicts(): Record<Reconciled["verdict"], string> {
  const { t } = useLingui();
  return {
    equal: t`一致`,
    within_uncertain: t`差は、失効した日の分からない施設の数以内`,
    within_filings: t`差は、届出済みでまだ名簿にない施設の数以内`,
    explained: t`理由あり`,
    unexplained: t`要確認：差の理由が分からない`,
    no_list: t`比べられない：名簿がない`,
    before_first_list: t`比べられない：最初の名簿より前の日`,
    criterion_ended: t`比べられない：最初の名簿より前に廃止された施設基準`,
    more_remain: t`要確認：後の名簿に残る施設だけで公表値を超える`,
  };
}

function Rows({ items, onExplained }: { items: Reconciled[]; onExplained?: (() => void) | undefined }) {
  const { t } = useLingui();
  const criteria = useCriteria();
  const verdicts = useVerdicts();
  const number = (value: number | null | undefined): string => (value == null ? "―" : value < 0 ? `▲${count(-value)}` : count(value));
  return (
    <TableFrame label={t`公表値と名簿の突合`}>
      <table className="table stacked">
        <caption className="visually-hidden">{t`公表値と名簿の突合`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`時点`}</th>
            <th scope="col">{t`施設基準`}</th>
            <th scope="col" className="figures">{t`公表値`}</th>
            <th scope="col" className="figures">{t`名簿の行`}</th>
            <th scope="col" className="figures">{t`差`}</th>
            <th scope="col">{t`判定`}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => {
            const label = `${prefectureName(one.prefecture_code)} ${language() === "ja" ? one.label_ja : one.label_en}`;
            return (
              <tr key={one.id}>
                <th scope="row" data-label={t`時点`}>{label}</th>
                <td data-label={t`施設基準`}>{criteria[one.criterion]}</td>
                <td className="figures" data-label={t`公表値`}>{count(one.published)}</td>
                <td className="figures" data-label={t`名簿の行`}>{number(one.from_rows)}</td>
                <td className="figures" data-label={t`差`}>{number(one.difference)}</td>
                <td data-label={t`判定`}>
                  {verdicts[one.verdict]}
                  {one.explanation ? <p>{one.explanation}</p> : null}
                  {one.remaining == null ? null : <p className="small">{t`最初の名簿の施設のうち、この日までに始めていたもの：${count(one.remaining)}`}</p>}
                  {onExplained && (one.flagged || one.explanation) ? <Explain one={one} label={label} onExplained={onExplained} /> : null}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Explain({ one, label, onExplained }: { one: Reconciled; label: string; onExplained: () => void }) {
  const { t } = useLingui();
  const [text, setText] = useState(one.explanation ?? "");
  const { busy, failure, call } = useCall();
  const keep = async () => {
    const done = await call(() => client.PUT("/api/admin/published-counts/{id}/explanation", { params: { path: { id: one.id } }, body: { explanation: text } }));
    if (done !== undefined) onExplained();
  };
  return (
    <details>
      <summary aria-label={t`${label} の差の理由を書く`}>{t`差の理由を書く`}</summary>
      {failure ? <Failure error={failure} /> : null}
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void keep();
      }}>
        <TextField id={`explanation-${one.id}`} label={t`差の理由`} rows={3} value={text} onChange={setText} />
        <button type="submit" className="button button-outline" disabled={busy}>{t`理由を残す`}</button>
      </form>
    </details>
  );
}

const EMPTY = { period: "", facilities: "", source: "", year_end: false };

function CountForm({ onKept }: { onKept: () => void }) {
  const { t } = useLingui();
  const criteria = useCriteria();
  const [prefecture, setPrefecture] = useState("13");
  const [criterion, setCriterion] = useState<Criterion>("ict_care");
  const [entry, setEntry] = useState(EMPTY);
  const [errors, setErrors] = useErrors();
  const [said, setSaid] = useState("");
  const { busy, failure, call } = useCall();
  const put = (part: Partial<typeof EMPTY>) => { setEntry({ ...entry, ...part }); };
  const error = (field: string) => errorOf(errors, `published-${field}`);
  const enter = async () => {
    setSaid("");
    const facilities = wholeNumber(entry.facilities);
    if (facilities === undefined) {
      setErrors([{ field: "published-facilities", text: t`施設数を数字で入れてください` }]);
      return;
    }
    const kept = await call(async () => {
      const answer = await client.POST("/api/admin/published-counts", { body: { prefecture, criterion, ...entry, facilities } });
      setErrors(fieldErrors(answer.error, "published"));
      return answer;
    });
    if (!kept) return;
    setEntry({ ...EMPTY, source: entry.source });
    setSaid(kept.changed > 0 ? t`公表値を訂正しました。` : kept.new > 0 ? t`公表値を入れました。` : t`同じ値が、もう入っています。`);
    onKept();
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void enter();
    }}>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      {said ? <Said><p role="status">{said}</p></Said> : null}
      <SelectField id="published-prefecture" label={t`都道府県`} error={error("prefecture")} value={prefecture} options={usePrefectures()} onChange={setPrefecture} />
      <SelectField id="published-criterion" label={t`施設基準`} error={error("criterion")} value={criterion} options={(Object.keys(criteria) as Criterion[]).map((value) => ({ value, label: criteria[value] }))} onChange={setCriterion} />
      <TextField id="published-period" label={t`時点`} hint={t`年、年月、年月日のどれか。例：2026、2026-03、2026-03-01`} width="short" error={error("period")} value={entry.period} onChange={(period) => { put({ period }); }} />
      <CheckField id="published-year_end" label={t`年度末の値`} checked={entry.year_end} onChange={(year_end) => { put({ year_end }); }} />
      <TextField id="published-facilities" label={t`施設数`} inputMode="numeric" width="short" error={error("facilities")} value={entry.facilities} onChange={(facilities) => { put({ facilities }); }} />
      <TextField id="published-source" label={t`出典`} error={error("source")} value={entry.source} onChange={(source) => { put({ source }); }} />
      <button type="submit" className="button button-solid" disabled={busy}>{t`公表値を入れる`}</button>
    </form>
  );
}
