import { useLingui } from "@lingui/react/macro";
import { Link, useLocation, useParams } from "react-router";
import { api, type Booking } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { useStatusText } from "../../ui/booking-status";
import { CopyButton } from "../../ui/copy-button";
import { useNow } from "../../ui/now";
import { Busy, PageTitle } from "../../ui/page";
import { SummaryList } from "../../ui/summary-list";
import { Telephone } from "../../ui/telephone";
import { CutOffs } from "../cut-offs";
import { linkOf } from "../link";
import { NotHere } from "../not-here";
import { NewTimes } from "./new-times";
import { feeOf, nameOf } from "../service";

/** A4 and the page one comes back to: number, what happens next, link, change and cancel. */
export function BookingPage() {
  const { t } = useLingui();
  const { booking: id = "" } = useParams();
  const { state } = useLocation() as { state: unknown };
  const came = (how: string) => typeof state === "object" && state !== null && how in state;
  const done = came("done");
  const query = api.useQuery("get", "/api/bookings/{id}", { params: { path: { id } } });
  if (query.isPending) return <Busy />;
  if (query.error) return <NotHere error={query.error} />;
  const booking = query.data;
  return (
    <>
      <PageTitle title={done && booking.status === "booked" ? t`予約できました` : t`ご予約`} />
      {booking.status === "booked" && done ? <Banner kind="success" title={t`予約番号をひかえてください`} /> : null}
      {booking.status === "booked" && came("moved") ? <Banner kind="success" title={t`日時を変更しました`} /> : null}
      {booking.status === "cancelled" ? <Banner kind="info" title={t`この予約は取り消されました`} /> : null}
      {booking.number ? (
        <p className="number">
          <span>{t`予約番号`}</span>
          <strong>{booking.number}</strong>
        </p>
      ) : null}
      {booking.status === "requested" ? <Banner kind="info" title={t`申し込みを受け付けました`}><p>{t`医療機関が確かめると、予約が決まります。この画面で分かります。`}</p></Banner> : null}
      <NewTimes booking={booking} />
      <Details booking={booking} />
      {booking.status === "held" ? (
        <p>
          <Link className="button button-solid" to={`/book/${booking.id}/who`}>{t`予約の続きへ`}</Link>
        </p>
      ) : null}
      <Next booking={booking} />
      <Actions booking={booking} />
      <Following booking={booking} />
      <Telephone name={booking.facility.name} number={booking.facility.telephone} />
    </>
  );
}

function Details({ booking }: { booking: Booking }) {
  const { t } = useLingui();
  const status = useStatusText();
  return (
    <SummaryList rows={[
      { term: t`日時`, value: <strong>{dayAndTime(booking.start, booking.zone, language())}</strong> },
      { term: t`状態`, value: status(booking.status) },
      ...(booking.patient_name ? [{ term: t`受診する方`, value: booking.patient_name }] : []),
      { term: t({ message: "医療機関", context: "one" }), value: `${booking.facility.name} ${booking.facility.address}` },
      { term: t`医師`, value: t`${booking.clinician.name}（医籍登録 ${String(booking.clinician.license_year)} 年）` },
      { term: t`診療`, value: nameOf(booking.service, language()) },
      { term: t`料金`, value: feeOf(booking.service, language()) },
    ]} />
  );
}

const isComing = (booking: Booking): boolean => booking.status === "booked" || booking.status === "checked_in" || booking.status === "in_progress";

function Next({ booking }: { booking: Booking }) {
  const { t } = useLingui();
  const link = linkOf(booking.id);
  if (!isComing(booking)) return null;
  return (
    <>
      <h2>{t`このあと`}</h2>
      <ol>
        <li>{t`診察の 30分前から、下の「診察の準備をする」でカメラとマイクを確かめられます。`}</li>
        <li>{t`時間になったら、待合室でお待ちください。医師がお呼びします。`}</li>
        <li>{t`本人確認書類を手元に用意してください。`}</li>
      </ol>
      <p className="no-print">
        <a className="button button-solid button-large" href={`/visit/${booking.id}`}>
          {t`診察の準備をする`}
        </a>
      </p>
      <p className="no-print">
        <a className="button button-outline" href={`/api/bookings/${booking.id}/calendar.ics`} download>
          {t`カレンダーに入れる`}
        </a>
      </p>
      {link ? (
        <section className="link-box" aria-labelledby="link-title">
          <h2 id="link-title">{t`あなたのリンク`}</h2>
          <p>{t`このリンクと生年月日で、いつでもこの予約を開けます。ここでだけ表示します。`}</p>
          <p className="link-text">{link}</p>
          <p className="buttons no-print">
            <CopyButton text={link} label={t`リンクをコピーする`} />
            <button type="button" className="button button-outline" onClick={() => { window.print(); }}>
              {t`印刷する`}
            </button>
          </p>
        </section>
      ) : null}
    </>
  );
}

/** The way to the visits that follow this one. */
function Following({ booking }: { booking: Booking }) {
  const { t } = useLingui();
  if (!isComing(booking) && booking.status !== "fulfilled") return null;
  return (
    <section className="no-print" aria-labelledby="following-title">
      <h2 id="following-title">{t`続きの予約`}</h2>
      <p>{t`同じ時刻の次の回を、まとめて予約できます。`}</p>
      <p>
        <Link className="button button-outline" to={`/bookings/${booking.id}/series`}>{t`続きの予約を見る・取る`}</Link>
      </p>
    </section>
  );
}

function Actions({ booking }: { booking: Booking }) {
  const { t } = useLingui();
  const now = useNow(30_000).getTime();
  if (booking.status !== "booked" && booking.status !== "checked_in") return null;
  const may = (until: string | null | undefined) => until != null && Date.parse(until) > now;
  const change = may(booking.can_change_until);
  const cancel = may(booking.can_cancel_until);
  return (
    <section className="no-print" aria-labelledby="change-title">
      <h2 id="change-title">{t`変更と取り消し`}</h2>
      <CutOffs service={booking.service} />
      {!change && !cancel ? <p>{t`変更と取り消しの期限を過ぎました。医療機関に電話してください。`}</p> : null}
      <p className="buttons">
        {change ? <Link className="button button-outline" to={`/bookings/${booking.id}/change`}>{t`日時を変更する`}</Link> : null}
        {cancel ? <Link className="button button-outline" to={`/bookings/${booking.id}/cancel`}>{t`予約を取り消す`}</Link> : null}
      </p>
    </section>
  );
}
