import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { api, type Booking, client } from "../../api/client";
import { dateOf, dayAndTime, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { Said } from "../../ui/said";
import { SeriesPlan } from "../../ui/series/series-plan";
import { SeriesVisits } from "../../ui/series/series-visits";
import { serviceName } from "../hours/conditions";
import { CLINIC_ZONE } from "../today-page";
import { useCancelReasons } from "./words";

/** Days between visits that staff choose from. */
const RHYTHMS = [1, 2, 3, 7, 14, 21, 28, 42, 56] as const;

/** The most visits that the server adds at once. */
const MOST = 11;

/** A course of visits for one patient, from one of them. */
export function RepeatPage() {
  const { t } = useLingui();
  const { id = "" } = useParams();
  const visit = api.useQuery("get", "/api/clinic/visits/{id}", { params: { path: { id } } });
  return (
    <>
      <PageTitle title={t`続きの予約`} />
      <QueryState query={visit} />
      {visit.data ? <Repeat booking={visit.data.booking} onChanged={() => { void visit.refetch(); }} /> : null}
    </>
  );
}

function Repeat({ booking, onChanged }: { booking: Booking; onChanged: () => void }) {
  const { t } = useLingui();
  const reasons = useCancelReasons();
  const path = { params: { path: { id: booking.id } } };
  const visits = api.useQuery("get", "/api/clinic/visits/{id}/series/visits", path);
  const [made, setMade] = useState(0);
  const changed = () => {
    void visits.refetch();
    onChanged();
  };
  return (
    <>
      <p>
        <strong>{booking.patient_name}</strong> {dayAndTime(booking.start, booking.zone, language())} {serviceName(booking.service)} {booking.clinician.name} {booking.number ? t`予約番号 ${booking.number}` : ""}
      </p>
      {made > 0 ? <Said><Banner kind="success" live title={t`${made} 件の予約を取りました`}><p>{t`患者さんには、1件ずつお知らせが届きます。`}</p></Banner></Said> : null}
      <QueryState query={visits} />
      {visits.data && visits.data.items.length > 0 ? (
        <SeriesVisits booking={booking} visits={visits.data.items} reasons={reasons} onChanged={() => {
          setMade(0);
          changed();
        }} cancel={(reason) => client.POST("/api/clinic/visits/{id}/series/cancel", { ...path, body: { reason } })} actions={(one, name) => (
          <>
            <Link to={`/staff?date=${dateOf(new Date(one.start), CLINIC_ZONE)}`} aria-label={t`${name} を一覧で見る`}>{t`一覧で見る`}</Link>
            <Link to={`/staff/move/${one.id}`} aria-label={t`${name} の日時を変える`}>{t`日時を変える`}</Link>
          </>
        )} />
      ) : null}
      <SeriesPlan booking={booking} rhythms={RHYTHMS} most={MOST} load={(query) => client.GET("/api/clinic/visits/{id}/series", { params: { ...path.params, query } })} book={(chosen) => client.POST("/api/clinic/visits/{id}/series", { ...path, body: { visits: chosen } })} onBooked={(items) => {
        setMade(items.length);
        changed();
      }} />
    </>
  );
}
