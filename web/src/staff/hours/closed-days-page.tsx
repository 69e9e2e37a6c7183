import { useLingui } from "@lingui/react/macro";
import { api } from "../../api/client";
import { addDays, dateOf } from "../../i18n";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { CLINIC_ZONE } from "../today-page";
import { ChangePanel, useChange } from "./change";
import { ClosedDaysForm } from "./closed-days-form";
import { ClosedDaysTable } from "./closed-days-table";
import { HolidaysTable } from "./holidays-table";

/** How far ahead dates are listed: holidays are known for about a year. */
const AHEAD_DAYS = 365;

/** Days that are not as the weekly hours say: closures once or every year, single dates, holidays. */
export function ClosedDaysPage() {
  const { t } = useLingui();
  const today = dateOf(new Date(), CLINIC_ZONE);
  const range = { params: { query: { from: today, to: addDays(today, AHEAD_DAYS) } } };
  const clinicians = api.useQuery("get", "/api/clinic/clinicians");
  const exceptions = api.useQuery("get", "/api/clinic/exceptions", range);
  const closures = api.useQuery("get", "/api/clinic/closures");
  const holidays = api.useQuery("get", "/api/clinic/holidays", range);
  const flow = useChange(() => { for (const query of [exceptions, closures, holidays]) void query.refetch(); });
  const propose = (edits: Parameters<typeof flow.propose>[0]) => { void flow.propose(edits); };
  const names = clinicians.data?.items ?? [];
  return (
    <>
      <PageTitle title={t`休診日`} />
      <ChangePanel flow={flow} />
      <ClosedDaysForm clinicians={names} today={today} busy={flow.busy} onPropose={propose} />
      <h2>{t`決めてある日`}</h2>
      <QueryState query={exceptions} />
      <QueryState query={closures} />
      {exceptions.data && closures.data ? (
        <ClosedDaysTable exceptions={exceptions.data.items} closures={closures.data.items} clinicians={names} onPropose={propose} />
      ) : null}
      <h2>{t`祝日`}</h2>
      <QueryState query={holidays} />
      {holidays.data ? <HolidaysTable holidays={holidays.data} onPropose={propose} /> : null}
    </>
  );
}
