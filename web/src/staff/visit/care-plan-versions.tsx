import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, type Schemas, type Visit } from "../../api/client";
import { language, longDate } from "../../i18n";
import { usePlanSections } from "../../ui/plan-words";
import { QueryState } from "../../ui/query-state";
import { SummaryList } from "../../ui/summary-list";
import { READ_ONCE } from "../read-once";

type Version = Schemas["CarePlanVersion"];

/** All versions of a plan, the newest first, each to be opened and read. */
export function CarePlanVersions({ visit, versions }: { visit: Visit; versions: Version[] }) {
  const { t } = useLingui();
  const newest = versions[0]?.version ?? 0;
  return (
    <>
      <p id="plan-versions">{t`これまでの版`}</p>
      <ul className="plain" aria-labelledby="plan-versions">
        {versions.map((one) => <li key={one.version}><OneVersion visit={visit} one={one} newest={newest} /></li>)}
      </ul>
    </>
  );
}

function OneVersion({ visit, one, newest }: { visit: Visit; one: Version; newest: number }) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const day = longDate(one.created_at, visit.booking.zone, language());
  const name = t`第${one.version}版（${day}）`;
  const old = one.version < newest;
  return (
    <details open={open} onToggle={(event) => { setOpen(event.currentTarget.open); }}>
      <summary>{name} {old ? t`古い版` : t`今の版`}</summary>
      {open && old ? <p className="bad">{t`これは古い版です。第${newest}版に替わりました。`}</p> : null}
      {open ? <Text visit={visit} version={one.version} /> : null}
    </details>
  );
}

function Text({ visit, version }: { visit: Visit; version: number }) {
  const titles = usePlanSections();
  const query = api.useQuery("get", "/api/clinic/visits/{id}/care-plan", { params: { path: { id: visit.booking.id }, query: { version } } }, READ_ONCE);
  const plan = query.data?.plan;
  if (!plan) return <QueryState query={query} />;
  return <SummaryList rows={titles.map(({ section, title }) => ({ term: title, value: <bdi className="multi-line">{plan.sections[section]}</bdi> }))} />;
}
