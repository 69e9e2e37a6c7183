import { useLingui } from "@lingui/react/macro";
import { Link } from "react-router";
import { api } from "../api/client";
import { dayAndTime, language } from "../i18n";
import { useStatusText } from "../ui/booking-status";
import { Busy, PageTitle } from "../ui/page";
import { NotHere } from "./booking-page";

/** The bookings opened on this device. */
export function BookingList() {
  const { t } = useLingui();
  const status = useStatusText();
  const query = api.useQuery("get", "/api/bookings");
  if (query.isPending) return <Busy />;
  if (query.error) return <NotHere error={query.error} />;
  return (
    <>
      <PageTitle title={t`予約の確認`} />
      {query.data.items.length === 0 ? <p>{t`この端末で開いた予約はありません。予約のときのリンクから開いてください。`}</p> : null}
      <ul className="cards">
        {query.data.items.map((booking) => (
          <li className="card" key={booking.id}>
            <h2>
              <Link to={booking.status === "held" ? `/book/${booking.id}/who` : `/bookings/${booking.id}`}>{dayAndTime(booking.start, booking.zone, language())}</Link>
            </h2>
            <p>{booking.facility.name}</p>
            <p>
              {booking.number ? t`予約番号 ${booking.number}` : ""} {status(booking.status)}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}
