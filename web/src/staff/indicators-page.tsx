import { useLingui } from "@lingui/react/macro";
import { api, type Schemas } from "../api/client";
import { language, share } from "../i18n";
import { PageTitle } from "../ui/page";
import { QueryState } from "../ui/query-state";
import { TableFrame } from "./table-frame";

/** Other figures of the same plan: each share with its fraction and its source. */
export function IndicatorsPage() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/indicators");
  return (
    <>
      <PageTitle title={t`指標`} />
      <QueryState query={query} />
      {query.data?.items.map((indicator) => <IndicatorTable key={indicator.key} indicator={indicator} />)}
    </>
  );
}

function IndicatorTable({ indicator }: { indicator: Schemas["IndicatorReport"] }) {
  const { t } = useLingui();
  return (
    <TableFrame label={language() === "ja" ? indicator.title_ja : indicator.title_en}>
      <table className="table table-even">
        <caption>{language() === "ja" ? indicator.title_ja : indicator.title_en}</caption>
        <thead>
          <tr>
            <th scope="col">{t`時点`}</th>
            <th scope="col" className="figures">{t`割合`}</th>
            <th scope="col">{t`出典`}</th>
          </tr>
        </thead>
        <tbody>
          {indicator.points.map((point) => (
            <tr key={`${point.label_ja}${point.source}`}>
              <th scope="row">{language() === "ja" ? point.label_ja : point.label_en}</th>
              <td className="figures">{share(point.value_pct, point.numerator, point.denominator)}</td>
              <td>{point.source}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
