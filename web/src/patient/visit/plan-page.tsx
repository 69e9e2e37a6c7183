import { useLingui } from "@lingui/react/macro";
import { Link } from "react-router";
import { api, client, type Visit } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { Failure } from "../../ui/errors";
import { PageTitle } from "../../ui/page";
import { usePlanSections } from "../../ui/plan-words";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../../ui/use-call";

/** The plan of online care, as the doctor wrote it; to be read, printed, and agreed to. */
export function PlanPage({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  const sections = usePlanSections();
  const query = api.useQuery("get", "/api/visits/{id}/care-plan", { params: { path: { id: visit.booking.id } } });
  const { busy, failure, call } = useCall();
  const plan = query.data?.plan;
  const agree = async (version: number) => {
    await call(() => client.POST("/api/visits/{id}/care-plan/agree", { params: { path: { id: visit.booking.id } }, body: { version } }));
    void query.refetch();
  };
  const at = (instant: string) => dayAndTime(instant, visit.booking.zone, language());
  return (
    <>
      <p className="back"><Link to={`/visit/${visit.booking.id}`}>{t`もどる`}</Link></p>
      <PageTitle title={t`診療計画`} />
      <QueryState query={query} />
      {query.data && !plan ? <p>{t`診療計画は、まだありません。初診では、診察の中で医師が説明します。`}</p> : null}
      {plan ? (
        <>
          <p>{t`第${plan.version}版（${at(plan.created_at)}）`}</p>
          {sections.map(({ section, title }) => (
            <section key={section}>
              <h2>{title}</h2>
              <p className="multi-line"><bdi>{plan.sections[section]}</bdi></p>
            </section>
          ))}
          <h2>{t`録音・録画`}</h2>
          <p>{plan.recording === "none" ? t`どちらも録音・録画しません。このシステムは何も記録しません。` : t`録音・録画について、医師と取り決めがあります。`}</p>
          {failure ? <Failure error={failure} /> : null}
          <div role="status">{plan.agreed_at ? <Banner kind="success" title={t`${at(plan.agreed_at)} に同意しました`} /> : null}</div>
          {!plan.agreed_at && visit.state !== "ended" ? (
            <p><button type="button" className="button button-solid button-large" disabled={busy} onClick={() => { void agree(plan.version); }}>{t`この計画に同意する`}</button></p>
          ) : null}
          <p className="no-print"><button type="button" className="button button-outline" onClick={() => { window.print(); }}>{t`印刷する`}</button></p>
        </>
      ) : null}
    </>
  );
}
