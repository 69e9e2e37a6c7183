import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link, Navigate, useNavigate } from "react-router";
import { api, type Booking, client } from "../../api/client";
import { problemOf } from "../../api/problem";
import { dayAndTime, language } from "../../i18n";
import { type DateEntry, readDate } from "../../i18n/wareki";
import { BirthDateField, deviceToday, emptyDate, useDateFault } from "../../ui/birth-date";
import { ErrorSummary, errorOf, Failure, type FieldError } from "../../ui/errors";
import { Busy, PageTitle } from "../../ui/page";
import { NotHere } from "../not-here";

const ENDED: ReadonlySet<Booking["status"]> = new Set<Booking["status"]>(["cancelled", "expired", "fulfilled", "no_show", "declined", "aborted", "converted", "doctor_absent"]);

/** V0: the link and the birth date open the booking; no password. */
export function Entry({ secret }: { secret: string }) {
  return secret ? <AskBirthDate secret={secret} /> : <OpenBookings />;
}

function AskBirthDate({ secret }: { secret: string }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const fault = useDateFault();
  const [entry, setEntry] = useState<DateEntry>(emptyDate);
  const [errors, setErrors] = useState<FieldError[]>([]);
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
      if (data) await navigate(`/visit/${data.booking_id}`, { replace: true });
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
  if (query.error) return <NotHere error={query.error} />;
  const coming = query.data.items.filter((booking) => !ENDED.has(booking.status) && booking.status !== "held");
  const only = coming.length === 1 ? coming[0] : query.data.items.length === 1 ? query.data.items[0] : undefined;
  if (only) return <Navigate to={`/visit/${only.id}`} replace />;
  return (
    <>
      <PageTitle title={t`どの予約を開きますか`} />
      {coming.length === 0 ? <p>{t`予約のリンクから開いてください。`}</p> : null}
      <ul className="cards">
        {coming.map((booking) => (
          <li className="card" key={booking.id}>
            <Link to={`/visit/${booking.id}`}>{dayAndTime(booking.start, booking.zone, language())}</Link> {booking.facility.name}
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
