import { useLingui } from "@lingui/react/macro";
import { api, type Schemas } from "../api/client";
import { count, language, percent } from "../i18n";
import { PageTitle } from "../ui/page";
import { QueryState } from "../ui/query-state";
import { Figure } from "./figure";
import { growthOf } from "./series";
import { TableFrame } from "./table-frame";

/** Facilities by fiscal year: two criteria, two lines, no growth across the break. */
export function SeriesPage() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/series");
  return (
    <>
      <PageTitle title={t`オンライン診療の届出医療機関数の推移`} />
      <QueryState query={query} />
      {query.data ? <Shown series={query.data} /> : null}
    </>
  );
}

function Shown({ series }: { series: Schemas["SeriesReport"] }) {
  const { t } = useLingui();
  return (
    <div className="chart-and-table">
      <Figure svg="/counts/series.svg" csv="/counts/series.csv" alt={t`届出医療機関数の推移の図。数は表にあります。基準が変わったところで線は分かれています。`} />
      <div>
        <TableFrame label={t`届出医療機関数`}>
          <table className="table">
            <caption>{t`届出医療機関数`}</caption>
            <thead>
              <tr>
                <th scope="col">{t`年度`}</th>
                <th scope="col">{t`届出`}</th>
                <th scope="col" className="figures">{t`医療機関数`}</th>
                <th scope="col" className="figures">{t`前年度比`}</th>
              </tr>
            </thead>
            <tbody>
              {series.points.map((point) => (
                <PointRow key={`${point.criterion}${point.label_ja}`} point={point} criteria={series.criteria} />
              ))}
            </tbody>
          </table>
        </TableFrame>
        {/* Numbered and marked by the server, in the page's language. */}
        <ul className="notes plain" aria-label={t`注`}>
          {series.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
        <p className="small">{series.source}</p>
        <p><a href={`/cards?lang=${language()}`}>{t`公開している統計の一覧`}</a></p>
      </div>
    </div>
  );
}

function PointRow({ point, criteria }: { point: Schemas["PointReport"]; criteria: Schemas["CriterionReport"][] }) {
  const { t } = useLingui();
  const criterion = criteria.find((one) => one.code === point.criterion);
  const growth = growthOf(point);
  const words = growth.kind === "value" ? percent(growth.pct) : growth.kind === "break" ? t`―（注1）` : "―";
  return (
    <tr className={growth.kind === "break" ? "after-break" : ""}>
      <th scope="row">{language() === "ja" ? point.label_ja : point.label_en}</th>
      <td>{language() === "ja" ? criterion?.name_ja : criterion?.name_en}</td>
      <td className="figures">{count(point.count)}</td>
      <td className="figures">{words}</td>
    </tr>
  );
}
