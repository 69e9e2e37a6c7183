import { useLingui } from "@lingui/react/macro";
import { Link, useParams } from "react-router";
import { api } from "../../api/client";
import { dateOf, dayAndTime, language } from "../../i18n";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { serviceName } from "../hours/conditions";
import { CLINIC_ZONE } from "../today-page";
import { IntakeView } from "./intake-view";

/** What one visit was booked with. */
export function IntakePage() {
  const { t } = useLingui();
  const { id = "" } = useParams();
  const visit = api.useQuery("get", "/api/clinic/visits/{id}", { params: { path: { id } } }, { refetchOnWindowFocus: false });
  const booking = visit.data?.booking;
  return (
    <>
      <PageTitle title={booking?.patient_name ? t`${booking.patient_name} さんの問診` : t`問診`} />
      <QueryState query={visit} />
      {booking ? (
        <>
          <p>
            {dayAndTime(booking.start, booking.zone, language())} {serviceName(booking.service)} {booking.clinician.name}{" "}
            {booking.number ? t`予約番号 ${booking.number}` : ""}{" "}
            <Link to={`/staff?date=${dateOf(new Date(booking.start), CLINIC_ZONE)}`}>{t`一覧で見る`}</Link>
          </p>
          <IntakeView booking={booking} />
        </>
      ) : null}
    </>
  );
}
