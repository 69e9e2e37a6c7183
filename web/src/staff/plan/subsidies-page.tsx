import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api } from "../../api/client";
import { count, language } from "../../i18n";
import { bothCalendars } from "../../i18n/wareki";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { TableFrame } from "../table-frame";
import { ApplicationForm } from "./application-form";
import { GrantSteps } from "./grant-steps";
import { type Grant, useStatusNames } from "./status-names";

/** The subsidy for devices of online care: applications, decisions, reports, payments. */
export function SubsidiesPage() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/admin/subsidies");
  const [open, setOpen] = useState<string>();
  const again = () => { void query.refetch(); };
  const items = query.data?.items ?? [];
  return (
    <>
      <PageTitle title={t`機器の補助金`} />
      <p>{t`オンライン医療相談・診療等環境整備補助事業。一つの医療機関に一度だけ交付します。`}</p>
      <QueryState query={query} />
      {query.data && items.length === 0 ? <p>{t`申請はまだありません。`}</p> : null}
      {items.length > 0 ? <Grants items={items} open={open} onOpen={setOpen} /> : null}
      {open ? <GrantSteps id={open} onTaken={again} /> : null}
      <h2>{t`申請を受け付ける`}</h2>
      <section className="panel">
        <ApplicationForm onTaken={(id) => {
          again();
          setOpen(id);
        }} />
      </section>
    </>
  );
}

function Grants({ items, open, onOpen }: { items: Grant[]; open: string | undefined; onOpen: (id: string) => void }) {
  const { t } = useLingui();
  const names = useStatusNames();
  const yen = (amount: number | null | undefined): string => (amount == null ? "―" : count(amount));
  return (
    <TableFrame label={t`申請の一覧`}>
      <table className="table stacked">
        <caption>{t`申請の一覧（金額は円）`}</caption>
        <thead>
          <tr>
            <th scope="col">{t({ message: "医療機関", context: "one" })}</th>
            <th scope="col" className="figures">{t`年度`}</th>
            <th scope="col">{t`状態`}</th>
            <th scope="col">{t`報告の期限`}</th>
            <th scope="col" className="figures">{t`申請額`}</th>
            <th scope="col" className="figures">{t`決定額`}</th>
            <th scope="col" className="figures">{t`支出額`}</th>
            <th scope="col" className="figures">{t`支払額`}</th>
            <th scope="col">{t`操作`}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.id}>
              <th scope="row" data-label={t({ message: "医療機関", context: "one" })}><a href={`/facilities/${one.code10}?lang=${language()}`}>{one.name}</a></th>
              <td className="figures" data-label={t`年度`}>{t`${String(one.fiscal_year)}年度`}</td>
              <td data-label={t`状態`}>{names[one.status]}</td>
              <td data-label={t`報告の期限`}>{one.status === "decided" && one.report_due ? bothCalendars(one.report_due, language()) : "―"}</td>
              <td className="figures" data-label={t`申請額`}>{yen(one.requested_yen)}</td>
              <td className="figures" data-label={t`決定額`}>{yen(one.decided_yen)}</td>
              <td className="figures" data-label={t`支出額`}>{yen(one.spent_yen)}</td>
              <td className="figures" data-label={t`支払額`}>{yen(one.paid_yen)}</td>
              <td data-label={t`操作`}><button type="button" className="link" aria-expanded={open === one.id} aria-label={t`${one.name} の申請を開く`} onClick={() => { onOpen(one.id); }}>{t`開く`}</button></td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
