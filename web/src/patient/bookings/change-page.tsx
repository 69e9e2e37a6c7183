import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { api, type Booking, client, type Slot } from "../../api/client";
import { problemOf } from "../../api/problem";
import { dayAndTime, language } from "../../i18n";
import { Failure } from "../../ui/errors";
import { Busy, PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { SummaryList } from "../../ui/summary-list";
import { Telephone } from "../../ui/telephone";
import { NotHere } from "../not-here";
import { SlotPicker } from "../slot-picker";

/** Another time for the same booking: pick, look at old and new, confirm. */
export function ChangePage() {
  const { booking: id = "" } = useParams();
  const query = api.useQuery("get", "/api/bookings/{id}", { params: { path: { id } } });
  if (query.isPending) return <Busy />;
  if (query.error) return <NotHere error={query.error} />;
  return <Change booking={query.data} />;
}

function Change({ booking }: { booking: Booking }) {
  const { t } = useLingui();
  const [search, setSearch] = useSearchParams();
  const [picked, setPicked] = useState<Slot | null>(null);
  const [round, setRound] = useState(0);
  const facility = api.useQuery("get", "/api/facilities/{id}", { params: { path: { id: booking.facility.id } } });
  return (
    <>
      <p className="back">
        <Link to={`/bookings/${booking.id}`}>{t`変更しないでもどる`}</Link>
      </p>
      <PageTitle title={t`日時を変更する`} />
      <p>
        {t`今の予約:`} <strong>{dayAndTime(booking.start, booking.zone, language())}</strong>
      </p>
      {picked ? <Confirm booking={booking} slot={picked} onBack={() => {
        setPicked(null);
        setRound((count) => count + 1);
      }} /> : null}
      <QueryState query={facility} />
      {facility.data && !picked ? <SlotPicker facility={facility.data} service={booking.service} from={search.get("from")} round={round} onFrom={(from) => { setSearch({ from }, { replace: true }); }} onPick={(slot) => {
        setPicked(slot);
        window.scrollTo(0, 0);
      }} /> : null}
      <Telephone name={booking.facility.name} number={booking.facility.telephone} />
    </>
  );
}

function Confirm({ booking, slot, onBack }: { booking: Booking; slot: Slot; onBack: () => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [failure, setFailure] = useState<unknown>(null);
  const move = async () => {
    setFailure(null);
    try {
      const { data, error } = await client.POST("/api/bookings/{id}/move", {
        params: { path: { id: booking.id } },
        body: { clinician_id: slot.clinician_id ?? booking.clinician.id, start: slot.start, version: booking.version },
      });
      if (!data) {
        setFailure(error);
        return;
      }
      queries.setQueryData(api.queryOptions("get", "/api/bookings/{id}", { params: { path: { id: data.id } } }).queryKey, data);
      await navigate(`/bookings/${data.id}`, { replace: true, state: { moved: true } });
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <section className="card" aria-live="polite">
      <SummaryList rows={[
        { term: t`今の日時`, value: dayAndTime(booking.start, booking.zone, language()) },
        { term: t`新しい日時`, value: <strong>{dayAndTime(slot.start, booking.zone, language())}</strong> },
      ]} />
      {failure ? <Failure error={failure} /> : null}
      <p className="buttons">
        {problemOf(failure).code === "slot_taken" ? null : (
          <button type="button" className="button button-solid" onClick={() => { void move(); }}>
            {t`この日時に変更する`}
          </button>
        )}
        <button type="button" className="button button-outline" onClick={onBack}>
          {t`ほかの日時を選ぶ`}
        </button>
      </p>
    </section>
  );
}
