import { useLingui } from "@lingui/react/macro";
import { Link, Navigate, useLocation } from "react-router";
import type { Booking, Visit } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { useStatusText } from "../../ui/booking-status";
import { useNow } from "../../ui/now";
import { PageTitle } from "../../ui/page";
import { SummaryList } from "../../ui/summary-list";
import { ClosingSummary } from "./ended";

/** Bookings whose patient may be on the way to the doctor. */
const ON: ReadonlySet<Booking["status"]> = new Set<Booking["status"]>(["booked", "checked_in", "in_progress"]);

/** Whether the waiting room lets this visit's patient in now. */
export function isOpen({ booking, state, opens_at, closes_at }: Pick<Visit, "state" | "opens_at" | "closes_at"> & { booking: Pick<Booking, "status"> }, now: number): boolean {
  return ON.has(booking.status) && state !== "ended" && Date.parse(opens_at) <= now && now < Date.parse(closes_at);
}

/** Whether nothing can be changed of the booking any more, and nobody is seen by it: another one helps. */
export function isOver({ booking, state, closes_at }: Pick<Visit, "state" | "closes_at"> & { booking: Pick<Booking, "status"> }, now: number): boolean {
  const asked = booking.status === "requested" || booking.status === "held";
  return !asked && (!ON.has(booking.status) || state === "ended" || Date.parse(closes_at) <= now);
}

/** Says in the history that the booking itself is wanted, not the way to the doctor. */
export const STAY = { stay: true };

/** The booking behind the link. While the waiting room is open the way goes on by itself: one tap on the link is enough. */
export function VisitHome({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  const status = useStatusText();
  const now = useNow(5_000).getTime();
  const stays = (useLocation().state as Partial<typeof STAY> | null)?.stay === true;
  const { booking } = visit;
  if (isOpen(visit, now) && !stays) return <Navigate to={`/visit/${booking.id}/check`} replace />;
  return (
    <>
      <PageTitle title={t`あなたの予約`} />
      <SummaryList rows={[
        { term: t`日時`, value: <strong>{dayAndTime(booking.start, booking.zone, language())}</strong> },
        ...(booking.number ? [{ term: t`予約番号`, value: booking.number }] : []),
        { term: t`状態`, value: status(booking.status) },
        ...(booking.patient_name ? [{ term: t`受診する方`, value: booking.patient_name }] : []),
      ]} />
      <Door visit={visit} now={now} />
      <p><Link to={`/visit/${booking.id}/plan`}>{t`診療計画を読む`}</Link></p>
      <p>
        {/* Another document: it may not use the camera. */}
        <a href={`/bookings/${booking.id}`}>{isOver(visit, now) ? t`予約の内容を見る` : t`予約の変更・取り消し`}</a>
      </p>
      {isOver(visit, now) ? <p><a className="button button-outline" href={`/clinics/${booking.facility.id}`}>{t`次の予約をする`}</a></p> : null}
    </>
  );
}

function Door({ visit, now }: { visit: Visit; now: number }) {
  const { t } = useLingui();
  const { booking } = visit;
  const over: Partial<Record<Booking["status"], string>> = {
    cancelled: t`この予約は取り消されました`,
    declined: t`この予約は、医療機関が受けられませんでした。医療機関に電話してください`,
    expired: t`この予約は、確定されないまま時間が過ぎました`,
    no_show: t`この診察の時間は終わりました。医療機関に電話してください`,
    doctor_absent: t`医師の都合で、診察できませんでした。医療機関に電話してください`,
    requested: t`この予約は、医療機関の返事を待っています`,
    held: t`この時間は、まだ予約になっていません`,
  };
  const words = over[booking.status];
  if (words) return <Banner kind="info" title={words} />;
  if (visit.state === "ended") return <><Banner kind="info" title={t`この診察は終わりました`} /><ClosingSummary visit={visit} /></>;
  if (Date.parse(visit.opens_at) > now) {
    return (
      <Banner kind="info" live title={t`待合室は ${dayAndTime(visit.opens_at, booking.zone, language())} に開きます`}>
        <p>{t`その前でも、カメラとマイクを確かめられます。`}</p>
        <p>
          <Link className="button button-outline" to={`/visit/${booking.id}/check`}>{t`カメラとマイクを確かめる`}</Link>
        </p>
      </Banner>
    );
  }
  if (Date.parse(visit.closes_at) < now) return <Banner kind="info" title={t`この診察の時間は終わりました。医療機関に電話してください`} />;
  return (
    <p>
      <Link className="button button-solid button-large" to={`/visit/${booking.id}/check`}>
        {t`診察の準備をはじめる`}
      </Link>
    </p>
  );
}
