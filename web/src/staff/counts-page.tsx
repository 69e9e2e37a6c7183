import { useLingui } from "@lingui/react/macro";
import { useSearchParams } from "react-router";
import { api, type Schemas } from "../api/client";
import { count } from "../i18n";
import { bothCalendars } from "../i18n/wareki";
import { language } from "../i18n";
import { RadioGroup, SelectField } from "../ui/fields";
import { PageTitle } from "../ui/page";
import { QueryState } from "../ui/query-state";
import { Figure } from "./figure";
import { TableFrame } from "./table-frame";

type By = Schemas["By"];
const BYS: readonly By[] = ["municipality", "prefecture", "kind", "start_year"];

/** Tokyo: the prefecture this service is for. */
const HOME_PREFECTURE = "13";

/** Counts out of the imported lists, by area and by kind: figure, table and CSV with one and the same filter. */
export function CountsPage() {
  const { t } = useLingui();
  const [search, setSearch] = useSearchParams();
  const by = BYS.find((known) => known === search.get("by")) ?? "municipality";
  const prefecture = search.get("prefecture") ?? HOME_PREFECTURE;
  const narrowed = by !== "prefecture";
  const prefectures = api.useQuery("get", "/api/counts", { params: { query: { by: "prefecture" } } });
  const query = api.useQuery("get", "/api/counts", { params: { query: { by, ...(narrowed && prefecture ? { prefecture } : {}) } } });
  const filter = narrowed && prefecture ? `?prefecture=${encodeURIComponent(prefecture)}` : "";
  return (
    <>
      <PageTitle title={t`地域別の届出数`} />
      <div className="form-row">
        <RadioGroup id="by" legend={t`分け方`} value={by} onChange={(next) => { setSearch({ by: next, prefecture }); }} options={[
          { value: "municipality", label: t`区市町村` },
          { value: "prefecture", label: t`都道府県` },
          { value: "kind", label: t`病院・診療所` },
          { value: "start_year", label: t`算定を始めた年度` },
        ]} />
        {narrowed ? (
          <SelectField id="prefecture" label={t`都道府県`} value={prefecture} onChange={(next) => { setSearch({ by, prefecture: next }); }} options={[
            ...(prefectures.data?.rows.some((row) => row.code === HOME_PREFECTURE) ? [] : [{ value: HOME_PREFECTURE, label: t`東京都` }]),
            ...(prefectures.data?.rows ?? []).map((row) => ({ value: row.code, label: row.label })),
          ]} />
        ) : null}
      </div>
      <QueryState query={query} />
      {query.data?.rows.length === 0 ? <p>{t`まだ名簿が取り込まれていません。`}</p> : null}
      {query.data && query.data.rows.length > 0 ? (
        <div className="chart-and-table">
          <Figure svg={`/counts/by/${by}.svg${filter}`} csv={`/counts/by/${by}.csv${filter}`} alt={t`地域別の届出医療機関数の図。数は表にあります。`} />
          <CountTable counts={query.data} />
        </div>
      ) : null}
    </>
  );
}

function CountTable({ counts }: { counts: Schemas["CountsReport"] }) {
  const { t } = useLingui();
  const first = counts.as_of ? bothCalendars(counts.as_of, language()) : "";
  const last = counts.as_of_until ? bothCalendars(counts.as_of_until, language()) : "";
  const row = (one: Schemas["Figures"], key: string, label: string, total: boolean) => (
    <tr key={key} className={total ? "total" : ""}>
      <th scope="row">{label}</th>
      {[one.facilities, one.hospitals, one.bedded_clinics, one.clinics_without_beds, one.institutions].map((value, index) => (
        <td className="figures" key={index}>{count(value)}</td>
      ))}
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
            </tr>
          </thead>
          <tbody>{counts.rows.map((one) => row(one, one.code, one.label, false))}</tbody>
          <tfoot>{row(counts.total, "total", t`計`, true)}</tfoot>
        </table>
      </TableFrame>
      <p className="small">{counts.source}</p>
    </div>
  );
}
