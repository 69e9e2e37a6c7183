import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { api, type Booking, client } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { Busy, PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { Said } from "../../ui/said";
import { SeriesPlan } from "../../ui/series/series-plan";
import { SeriesVisits } from "../../ui/series/series-visits";
import { Telephone } from "../../ui/telephone";
import { NotHere } from "../not-here";
import { useCancelReasons } from "./reasons";

/** Days between visits that patients choose from. */
const RHYTHMS = [7, 14, 21, 28, 42, 56] as const;

/** Five visits are the most that somebody may have ahead: this one, and so many more. */
const MOST = 4;

/** Visits that follow one another: those there are, the next ones, and calling them off together. */
export function SeriesPage() {
  const { booking: id = "" } = useParams();
  const query = api.useQuery("get", "/api/bookings/{id}", { params: { path: { id } } });
  if (query.isPending) return <Busy />;
  if (query.error) return <NotHere error={query.error} />;
  return <Series booking={query.data} onChanged={() => { void query.refetch(); }} />;
}

function Series({ booking, onChanged }: { booking: Booking; onChanged: () => void }) {
  const { t } = useLingui();
  const reasons = useCancelReasons();
  const path = { params: { path: { id: booking.id } } };
  const visits = api.useQuery("get", "/api/bookings/{id}/series/visits", path);
  const [made, setMade] = useState(0);
  const changed = () => {
    void visits.refetch();
    onChanged();
  };
  const goesOn = ["requested", "booked", "checked_in", "fulfilled"].includes(booking.status);
  return (
    <>
      <p className="back">
        <Link to={`/bookings/${booking.id}`}>{t`予約へもどる`}</Link>
      </p>
      <PageTitle title={t`続きの予約`} />
      <p>
        {t`もとの予約:`} <strong>{dayAndTime(booking.start, booking.zone, language())}</strong> {booking.facility.name} {booking.clinician.name}
      </p>
      {made > 0 ? <Said><Banner kind="success" live title={t`${made} 件の予約を取りました`}><p>{t`下の一覧から、1件ずつ変更や取り消しができます。`}</p></Banner></Said> : null}
      <QueryState query={visits} />
      {visits.data && visits.data.items.length > 0 ? (
        <SeriesVisits booking={booking} visits={visits.data.items} reasons={reasons} onChanged={() => {
          setMade(0);
          changed();
        }} cancel={(reason) => client.POST("/api/bookings/{id}/series/cancel", { ...path, body: { reason } })} actions={(visit, name) => (
          <>
            <Link to={`/bookings/${visit.id}`} aria-label={t`${name} の予約を開く`}>{t`開く`}</Link>
            <Link to={`/bookings/${visit.id}/change`} aria-label={t`${name} の日時を変更する`}>{t`日時を変更する`}</Link>
            <Link to={`/bookings/${visit.id}/cancel`} aria-label={t`${name} の予約を取り消す`}>{t`取り消す`}</Link>
          </>
        )} />
      ) : null}
      {goesOn ? (
        <SeriesPlan booking={booking} rhythms={RHYTHMS} most={MOST} load={(query) => client.GET("/api/bookings/{id}/series", { params: { ...path.params, query } })} book={(chosen) => client.POST("/api/bookings/{id}/series", { ...path, body: { visits: chosen } })} onBooked={(items) => {
          setMade(items.length);
          changed();
        }} />
      ) : <p>{t`この予約からは、続きの予約を取れません。`}</p>}
      <Telephone name={booking.facility.name} number={booking.facility.telephone} />
    </>
  );
}
