import { useLingui } from "@lingui/react/macro";
import { Link } from "react-router";
import type { Visit } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { useStatusText } from "../../ui/booking-status";
import { DoctorPanel } from "../../ui/call/doctor-panel";
import { useNow } from "../../ui/now";
import { PageTitle } from "../../ui/page";
import { SummaryList } from "../../ui/summary-list";
import { Telephone } from "../../ui/telephone";
import { ClosingSummary } from "./ended";

/** The booking behind the link, and the way to the waiting room as soon as that is open. */
export function VisitHome({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  const status = useStatusText();
  const { booking } = visit;
  return (
    <>
      <PageTitle title={t`あなたの予約`} />
      <SummaryList rows={[
        { term: t`日時`, value: <strong>{dayAndTime(booking.start, booking.zone, language())}</strong> },
        ...(booking.number ? [{ term: t`予約番号`, value: booking.number }] : []),
        { term: t`状態`, value: status(booking.status) },
        ...(booking.patient_name ? [{ term: t`受診する方`, value: booking.patient_name }] : []),
      ]} />
      <Door visit={visit} />
      <DoctorPanel visit={visit} />
      <p><Link to={`/visit/${booking.id}/plan`}>{t`診療計画を読む`}</Link></p>
      <p>
        {/* Another document: it may not use the camera. */}
        <a href={`/bookings/${booking.id}`}>{t`予約の変更・取り消し`}</a>
      </p>
      <Telephone name={visit.booking.facility.name} number={visit.booking.facility.telephone} />
    </>
  );
}

function Door({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  const now = useNow(5_000).getTime();
  const { booking } = visit;
  if (visit.state === "ended") return <><Banner kind="info" title={t`この診察は終わりました`} /><ClosingSummary visit={visit} /></>;
  if (booking.status === "cancelled") return <Banner kind="info" title={t`この予約は取り消されました`} />;
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
