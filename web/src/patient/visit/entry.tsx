import { useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { Link, Navigate, useNavigate } from "react-router";
import { api, type Booking, client, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { dayAndTime, language } from "../../i18n";
import { type DateEntry, readDate } from "../../i18n/wareki";
import { BirthDateField, deviceToday, emptyDate, useDateFault } from "../../ui/birth-date";
import { errorOf, ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { Busy, PageTitle } from "../../ui/page";
import { Telephone } from "../../ui/telephone";
import { rememberClinic } from "./clinic-memory";
import { OpenInvitation } from "./guest-entry";
import { NoVisit } from "./no-visit";

/** Before the secret of an invitation; a booking's stands alone. */
const GUEST = "g.";

const ENDED: ReadonlySet<Booking["status"]> = new Set<Booking["status"]>(["cancelled", "expired", "fulfilled", "no_show", "declined", "aborted", "converted", "doctor_absent"]);

/** V0: the link and the birth date open the booking; no password. A browser that opened it before needs the link alone. */
export function Entry({ secret }: { secret: string }) {
  if (secret.startsWith(GUEST)) return <OpenInvitation token={secret.slice(GUEST.length)} />;
  return secret ? <OpenLink secret={secret} /> : <OpenBookings />;
}

type Facility = Schemas["FacilityBrief"];

/** Asks with the link alone; where the browser is not known, the birth date is asked for. */
function OpenLink({ secret }: { secret: string }) {
  const navigate = useNavigate();
  const [clinic, setClinic] = useState<Facility>();
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    let shown = true;
    client.POST("/api/visitor", { body: { token: secret } }).then(({ data, error }) => {
      if (!shown) return;
      if (data?.booking_id) void navigate(`/visit/${data.booking_id}`, { replace: true });
      else if (data) setClinic(data.facility);
      else setFailure(error);
    }, (error: unknown) => { if (shown) setFailure(error); });
    return () => { shown = false; };
  }, [secret, navigate]);
  useEffect(() => {
    if (clinic) rememberClinic(clinic);
  }, [clinic]);
  if (failure) return <NoVisit error={failure} />;
  if (!clinic) return <Busy />;
  return (
    <>
      <AskBirthDate secret={secret} />
      <Telephone name={clinic.name} number={clinic.telephone} />
    </>
  );
}

function AskBirthDate({ secret }: { secret: string }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const fault = useDateFault();
  const [entry, setEntry] = useState<DateEntry>(emptyDate);
  const [errors, setErrors] = useErrors();
  const [failure, setFailure] = useState<unknown>(null);
  const submit = async () => {
    setFailure(null);
    const read = readDate(entry, deviceToday());
    if ("fault" in read) {
      setErrors([{ field: "birth", text: fault(read.fault) }]);
      return;
    }
    setErrors([]);
    try {
      const { data, error } = await client.POST("/api/visitor", { body: { token: secret, birth_date: read.date } });
      if (data?.booking_id) await navigate(`/visit/${data.booking_id}`, { replace: true });
      else if (problemOf(error).code === "wrong_birth_date") setErrors([{ field: "birth", text: problemOf(error).detail || t`生年月日が予約の内容とちがいます` }]);
      else setFailure(error);
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void submit();
    }}>
      <ErrorSummary errors={errors} />
      {failure ? <Failure error={failure} /> : null}
      <PageTitle title={t`予約を開きます`} />
      <p className="lead">{t`ご本人の確認のため、受診する方の生年月日を入れてください。`}</p>
      <BirthDateField id="birth" legend={t`生年月日`} entry={entry} error={errorOf(errors, "birth")} onChange={setEntry} />
      <button type="submit" className="button button-solid button-large">
        {t`予約を開く`}
      </button>
    </form>
  );
}

/** One booking goes on by itself; of several one is chosen. */
function OpenBookings() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const query = api.useQuery("get", "/api/bookings", undefined, { staleTime: 0 });
  if (query.isPending) return <Busy />;
  if (query.error) return <NoVisit error={query.error} />;
  const coming = query.data.items.filter((booking) => !ENDED.has(booking.status) && booking.status !== "held");
  const only = coming.length === 1 ? coming[0] : query.data.items.length === 1 ? query.data.items[0] : undefined;
  if (only) return <Navigate to={`/visit/${only.id}`} replace />;
  return (
    <>
      <PageTitle title={t`どの予約を開きますか`} />
      {coming.length === 0 ? <p>{t`予約のリンクから開いてください。`}</p> : null}
      <ul className="cards">
        {/* Where all are over, they say whom to telephone. */}
        {(coming.length > 0 ? coming : query.data.items).map((booking) => (
          <li className="card" key={booking.id}>
            <Link to={`/visit/${booking.id}`}>{dayAndTime(booking.start, booking.zone, language())}</Link> {booking.facility.name}{" "}
            <a className="tel" href={`tel:${booking.facility.telephone.replace(/[^\d+]/g, "")}`}>{booking.facility.telephone}</a>
          </li>
        ))}
      </ul>
      <p>
        <button type="button" className="link" onClick={() => { void navigate(0); }}>
          {t`読み込み直す`}
        </button>
      </p>
    </>
  );
}
