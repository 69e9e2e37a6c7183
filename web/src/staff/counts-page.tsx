import { useLingui } from "@lingui/react/macro";
import { useSearchParams } from "react-router";
import { api, type Schemas } from "../api/client";
import { count, language, share } from "../i18n";
import { bothCalendars } from "../i18n/wareki";
import { RadioGroup, SelectField, TextField } from "../ui/fields";
import { PageTitle } from "../ui/page";
import { QueryState } from "../ui/query-state";
import { Figure } from "./figure";
import { TableFrame } from "./table-frame";

type By = Schemas["By"];
const BYS: readonly By[] = ["municipality", "area", "prefecture", "kind", "start_year", "year", "month"];
/** Where the same is published. */
const CARDS: Record<By, string> = {
  municipality: "municipalities",
  area: "areas",
  prefecture: "prefectures",
  kind: "kinds",
  criterion: "criteria",
  start_year: "start-years",
  year: "years",
  month: "months",
};

/** Tokyo: the prefecture this service is for. */
const HOME_PREFECTURE = "13";

/** Counts out of the imported lists, by area, kind and time, as of a day and as known on one: figure, table and CSV with one and the same filter. */
export function CountsPage() {
  const { t } = useLingui();
  const [search, setSearch] = useSearchParams();
  const by = BYS.find((known) => known === search.get("by")) ?? "municipality";
  const prefecture = search.get("prefecture") ?? HOME_PREFECTURE;
  const [asOf, knownOn] = [search.get("as_of") ?? "", search.get("known_on") ?? ""];
  const narrowed = by !== "prefecture";
  const filter = {
    ...(narrowed && prefecture ? { prefecture } : {}),
    ...(asOf ? { as_of: asOf } : {}),
    ...(knownOn ? { known_on: knownOn } : {}),
  };
  const choose = (next: Record<string, string>) => {
    const all = { by, prefecture, as_of: asOf, known_on: knownOn, ...next };
    setSearch(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== "")));
  };
  const prefectures = api.useQuery("get", "/api/counts", { params: { query: { by: "prefecture" } } });
  const query = api.useQuery("get", "/api/counts", { params: { query: { by, ...filter } } });
  const asked = new URLSearchParams(filter).toString();
  const addition = asked ? `?${asked}` : "";
  return (
    <>
      <PageTitle title={t`地域別の届出数`} />
      <div className="form-row">
        <RadioGroup id="by" legend={t`分け方`} value={by} onChange={(next) => { choose({ by: next }); }} options={[
          { value: "municipality", label: t`区市町村` },
          { value: "area", label: t`二次保健医療圏` },
          { value: "prefecture", label: t`都道府県` },
          { value: "kind", label: t`病院・診療所` },
          { value: "start_year", label: t`算定を始めた年度` },
          { value: "year", label: t`年度末` },
          { value: "month", label: t`月` },
        ]} />
        <div>
          {narrowed ? (
            <SelectField id="prefecture" label={t`都道府県`} value={prefecture} onChange={(next) => { choose({ prefecture: next }); }} options={[
              ...(prefectures.data?.rows.some((row) => row.code === HOME_PREFECTURE) ? [] : [{ value: HOME_PREFECTURE, label: t`東京都` }]),
              ...(prefectures.data?.rows ?? []).map((row) => ({ value: row.code, label: row.label })),
            ]} />
          ) : null}
          <TextField id="as_of" type="date" optional label={t`いつの時点の数か`} value={asOf} onChange={(next) => { choose({ as_of: next }); }} />
          <TextField id="known_on" type="date" optional label={t`いつまでに分かった内容か`} value={knownOn} onChange={(next) => { choose({ known_on: next }); }} />
        </div>
      </div>
      <QueryState query={query} />
      {query.data && !query.data.total ? <Nothing counts={query.data} /> : null}
      {query.data?.total ? (
        <div className="chart-and-table">
          <Figure svg={`/counts/by/${by}.svg${addition}`} csv={`/counts/by/${by}.csv${addition}`} alt={t`地域別の届出医療機関数の図。数は表にあります。`} />
          <CountTable counts={query.data} total={query.data.total} />
        </div>
      ) : null}
      <p><a href={`/cards/${CARDS[by]}${addition}${addition ? "&" : "?"}lang=${language()}`}>{t`公開しているページを開く（Excel、埋め込み、印刷）`}</a></p>
    </>
  );
}

function Nothing({ counts }: { counts: Schemas["CountsReport"] }) {
  const { t } = useLingui();
  if (counts.reason === "before_first_list") return <p>{t`最初の名簿より前の日のため、数えられません。`}</p>;
  if (counts.reason === "not_in_force") return <p>{t`その日に有効な施設基準がありません。`}</p>;
  return <p>{t`まだ名簿が取り込まれていません。`}</p>;
}

function CountTable({ counts, total }: { counts: Schemas["CountsReport"]; total: Schemas["TotalReport"] }) {
  const { t } = useLingui();
  const first = counts.as_of ? bothCalendars(counts.as_of, language()) : "";
  const last = counts.as_of_until ? bothCalendars(counts.as_of_until, language()) : "";
  const ofTime = counts.by === "year" || counts.by === "month";
  const row = (one: Schemas["TotalReport"], key: string, label: string, href: string, whole: boolean) => (
    <tr key={key} className={whole ? "total" : ""}>
      <th scope="row">{label}</th>
      <td className="figures"><a href={`${href}&lang=${language()}`}>{count(one.facilities)}</a></td>
      {[one.hospitals, one.bedded_clinics, one.clinics_without_beds, one.institutions].map((value, index) => (
        <td className="figures" key={index}>{count(value)}</td>
      ))}
      <td className="figures">{one.denominator ? share((one.facilities / one.denominator) * 100, one.facilities, one.denominator) : t`設定なし`}</td>
    </tr>
  );
  return (
    <div>
      {first ? <p className="small">{first === last ? t`${first} 現在` : t`${first} から ${last} 現在`}</p> : null}
      <TableFrame label={t`情報通信機器を用いた診療の届出医療機関数`}>
        <table className="table">
          <caption>{t`情報通信機器を用いた診療の届出医療機関数`}</caption>
          <thead>
            <tr>
              <th scope="col">{t`区分`}</th>
              <th scope="col" className="figures">{t`届出`}</th>
              <th scope="col" className="figures">{t`病院`}</th>
              <th scope="col" className="figures">{t`有床診療所`}</th>
              <th scope="col" className="figures">{t`無床診療所`}</th>
              <th scope="col" className="figures">{t`全医療機関`}</th>
              <th scope="col" className="figures">{t`割合`}</th>
            </tr>
          </thead>
          <tbody>{counts.rows.map((one) => row(one, one.code, one.label, one.facilities_at, false))}</tbody>
          {ofTime ? null : <tfoot>{row(total, "total", t`計`, counts.facilities_at, true)}</tfoot>}
        </table>
      </TableFrame>
      <ul className="notes plain" aria-label={t`注`}>
        {counts.notes.map((note) => <li key={note}>{note}</li>)}
      </ul>
      <p className="small">{counts.source}</p>
    </div>
  );
}
