import { useLingui } from "@lingui/react/macro";
import { Link, useLocation } from "react-router";
import { api } from "../../api/client";
import { clockOf, dayAndTime, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { useStatusText } from "../../ui/booking-status";
import { Busy, PageTitle } from "../../ui/page";
import { NotHere } from "../not-here";
import { WaitingList } from "./waiting";

/** The bookings opened on this device. */
export function BookingList() {
  const { t } = useLingui();
  const status = useStatusText();
  const query = api.useQuery("get", "/api/bookings");
  const { state } = useLocation() as { state: unknown };
  const joined = typeof state === "object" && state !== null && "waiting" in state;
  if (query.isPending) return <Busy />;
  if (query.error) return <NotHere error={query.error} />;
  return (
    <>
      <PageTitle title={t`予約の確認`} />
      {joined ? <Banner kind="success" title={t`空きが出たら、ここにお知らせします`} /> : null}
      {query.data.items.length === 0 ? <p>{t`この端末で開いた予約はありません。予約のときのリンクから開いてください。`}</p> : null}
      <ul className="cards">
        {query.data.items.map((booking) => (
          <li className="card" key={booking.id}>
            <h2>
              <Link to={booking.status === "held" ? `/book/${booking.id}/who` : `/bookings/${booking.id}`}>{dayAndTime(booking.start, booking.zone, language())}</Link>
            </h2>
            <p>{booking.facility.name}</p>
            {booking.status === "held" && booking.hold_expires_at ? (
              <>
                <p>{t`${clockOf(booking.hold_expires_at, booking.zone)}まで この時間を おさえています`}</p>
                <p>
                  <Link className="button button-solid" to={`/book/${booking.id}/who`} aria-label={t`${dayAndTime(booking.start, booking.zone, language())} の予約の続きへ`}>{t`予約の続きへ`}</Link>
                </p>
              </>
            ) : null}
            <p>
              {booking.number ? t`予約番号 ${booking.number}` : ""} {status(booking.status)}
            </p>
          </li>
        ))}
      </ul>
      <WaitingList />
    </>
  );
}
