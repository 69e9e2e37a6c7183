import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link } from "react-router";
import { type Booking, client } from "../../api/client";
import { clockOf, dayAndTime, language } from "../../i18n";
import { Failure } from "../../ui/errors";
import { useNow } from "../../ui/now";

/** True when a hold is over by the clock of this device. */
export const isOver = (booking: Booking, now: Date): boolean =>
  booking.status === "expired" || (booking.hold_expires_at != null && Date.parse(booking.hold_expires_at) <= now.getTime());

/** The held time as text, not as a running clock; it can be made longer once. */
export function HoldNotice({ booking, onBooking }: { booking: Booking; onBooking: (booking: Booking) => void }) {
  const { t } = useLingui();
  const [failure, setFailure] = useState<unknown>(null);
  const now = useNow(5_000);
  const until = booking.hold_expires_at;
  const extend = async () => {
    setFailure(null);
    try {
      const { data, error } = await client.POST("/api/bookings/{id}/extend", { params: { path: { id: booking.id } } });
      if (data) onBooking(data);
      else setFailure(error);
    } catch (error) {
      setFailure(error);
    }
  };
  if (!until) return null;
  if (isOver(booking, now)) return <HoldOver booking={booking} />;
  const soon = Date.parse(until) - now.getTime() < 120_000;
  return (
    <div className={`banner ${soon ? "banner-warning" : "banner-info"}`}>
      <p className="hold-time">{dayAndTime(booking.start, booking.zone, language())}</p>
      <p role="status">
        {t`${clockOf(until, booking.zone)}まで この時間を おさえています`}
        {soon ? ` ${t`まもなく終わります`}` : ""}
      </p>
      {booking.hold_extendable ? (
        <button type="button" className="button button-outline" onClick={() => { void extend(); }}>
          {t`時間をのばす`}
        </button>
      ) : null}
      {failure ? <Failure error={failure} /> : null}
    </div>
  );
}

/** The hold is over: what that means, and the way on. */
export function HoldOver({ booking }: { booking: Booking }) {
  const { t } = useLingui();
  return (
    <div className="banner banner-warning" role="alert">
      <p className="banner-title">{t`おさえていた時間が過ぎました`}</p>
      <p>{t`もう一度日時を選んでください。入れた内容は、この画面を閉じなければ残っています。`}</p>
      <p>
        <Link className="button button-solid" to={`/clinics/${booking.facility.id}/times?service=${booking.service.id}`}>
          {t`日時を選びなおす`}
        </Link>
      </p>
    </div>
  );
}
