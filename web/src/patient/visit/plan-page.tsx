import { useLingui } from "@lingui/react/macro";
import { Link, useSearchParams } from "react-router";
import { api, client, type Schemas, type Visit } from "../../api/client";
import { dayAndTime, language, longDate } from "../../i18n";
import { Banner } from "../../ui/banner";
import { Failure } from "../../ui/errors";
import { PageTitle } from "../../ui/page";
import { usePlanSections } from "../../ui/plan-words";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../../ui/use-call";

/** The plan of online care, as the doctor wrote it; to be read, printed, and agreed to. The address names an earlier version. */
export function PlanPage({ visit }: { visit: Visit }) {
  const [search] = useSearchParams();
  const named = Number(search.get("version"));
  const version = Number.isSafeInteger(named) && named > 0 ? named : undefined;
  return <PlanOf key={version ?? 0} visit={visit} version={version} />;
}

function PlanOf({ visit, version }: { visit: Visit; version: number | undefined }) {
  const { t } = useLingui();
  const sections = usePlanSections();
  const query = api.useQuery("get", "/api/visits/{id}/care-plan", { params: { path: { id: visit.booking.id }, query: version ? { version } : {} } });
  const { busy, failure, call } = useCall();
  const plan = query.data?.plan;
  const versions = query.data?.versions ?? [];
  const newest = versions[0];
  const replaced = plan && newest && plan.version < newest.version ? newest : undefined;
  const agree = async (version: number) => {
    await call(() => client.POST("/api/visits/{id}/care-plan/agree", { params: { path: { id: visit.booking.id } }, body: { version } }));
    void query.refetch();
  };
  const { zone } = visit.booking;
  const day = (instant: string) => longDate(instant, zone, language());
  const here = `/visit/${visit.booking.id}/plan`;
  return (
    <>
      <p className="back"><Link to={version ? here : `/visit/${visit.booking.id}`}>{version ? t`今の診療計画にもどる` : t`もどる`}</Link></p>
      <PageTitle title={version ? t`診療計画 第${version}版` : t`診療計画`} />
      <QueryState query={query} />
      {query.data && !plan ? <p>{t`診療計画は、まだありません。初診では、診察の中で医師が説明します。`}</p> : null}
      {plan ? (
        <>
          {replaced ? <Banner kind="warning" title={t`これは古い版です。第${replaced.version}版（${day(replaced.created_at)}）に替わりました`} /> : null}
          <p>{t`第${plan.version}版（${day(plan.created_at)}）`}</p>
          {sections.map(({ section, title }) => (
            <section key={section}>
              <h2>{title}</h2>
              <p className="multi-line"><bdi>{plan.sections[section]}</bdi></p>
            </section>
          ))}
          <h2>{t`録音・録画`}</h2>
          <p>{plan.recording === "none" ? t`どちらも録音・録画しません。このシステムは何も記録しません。` : t`録音・録画について、医師と取り決めがあります。`}</p>
          {failure ? <Failure error={failure} /> : null}
          <div role="status">{plan.agreed_at ? <Banner kind="success" title={t`${dayAndTime(plan.agreed_at, zone, language())} に同意しました`} /> : null}</div>
          {!plan.agreed_at && !replaced && visit.state !== "ended" ? (
            <p><button type="button" className="button button-solid button-large" disabled={busy} onClick={() => { void agree(plan.version); }}>{t`この計画に同意する`}</button></p>
          ) : null}
          <p className="no-print"><button type="button" className="button button-outline" onClick={() => { window.print(); }}>{t`印刷する`}</button></p>
          {newest && versions.length > 1 ? <Versions versions={versions} shown={plan.version} newest={newest.version} here={here} day={day} /> : null}
        </>
      ) : null}
    </>
  );
}

/** All versions, the newest first; the one on show is no link. */
function Versions({ versions, shown, newest, here, day }: {
  versions: Schemas["CarePlanVersion"][];
  shown: number;
  newest: number;
  here: string;
  day: (instant: string) => string;
}) {
  const { t } = useLingui();
  return (
    <nav className="no-print" aria-labelledby="versions-title">
      <h2 id="versions-title">{t`これまでの版`}</h2>
      <ul>
        {versions.map(({ version, created_at }) => {
          const name = t`第${version}版（${day(created_at)}）`;
          return (
            <li key={version}>
              {version === shown ? <span aria-current="page">{name}</span> : <Link to={version === newest ? here : `${here}?version=${String(version)}`}>{name}</Link>}
              {` ${version === newest ? t`今の版` : t`古い版`}`}
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
