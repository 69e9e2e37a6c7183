import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import type { Booking, Schemas } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { Banner } from "../banner";
import { useStatusText } from "../booking-status";
import { Failure } from "../errors";
import { SelectField } from "../fields";
import { Said } from "../said";
import { useCall } from "../use-call";
import type { Answer } from "./series-plan";

type Reason = Schemas["CancelReason"];
type CalledOff = Schemas["CalledOff"];

/** What can be called off still. */
const isAhead = (booking: Booking): boolean => booking.status === "booked" || booking.status === "requested" || booking.status === "checked_in";

/** The visits of a series in order, each with what can be done with it alone, and the way to call off all that is left. */
export function SeriesVisits({ booking, visits, reasons, actions, cancel, onChanged }: {
  booking: Booking;
  visits: Booking[];
  reasons: { value: Reason; label: string }[];
  /** Links of one visit. */
  actions: (visit: Booking, name: string) => ReactNode;
  cancel: (reason: Reason) => Promise<Answer<{ items: CalledOff[] }>>;
  onChanged: () => void;
}) {
  const { t } = useLingui();
  const status = useStatusText();
  const [told, setTold] = useState<CalledOff[]>();
  const at = (visit: Booking) => dayAndTime(visit.start, visit.zone, language());
  const left = visits.filter((one) => isAhead(one) && Date.parse(one.start) >= Date.parse(booking.start));
  return (
    <section aria-labelledby="series-title">
      <h2 id="series-title">{t`続きの予約`}</h2>
      {told ? <Said><Told told={told} visits={visits} /></Said> : null}
      <ol className="cards">
        {visits.map((one) => (
          <li className="card" key={one.id}>
            <p>
              <strong>{at(one)}</strong> {status(one.status)} {one.id === booking.id ? t`（この予約）` : ""}
            </p>
            {isAhead(one) ? <p className="buttons">{actions(one, at(one))}</p> : null}
          </li>
        ))}
      </ol>
      {left.length > 0 ? <CancelAll count={left.length} from={at(booking)} reasons={reasons} cancel={cancel} onDone={(items) => {
        setTold(items);
        onChanged();
      }} /> : null}
    </section>
  );
}

/** Which were called off, and which were not with the reason why. */
function Told({ told, visits }: { told: CalledOff[]; visits: Booking[] }) {
  const { t } = useLingui();
  const at = (id: string) => {
    const visit = visits.find((one) => one.id === id);
    return visit ? dayAndTime(visit.start, visit.zone, language()) : t`ほかの予約`;
  };
  const refused = told.filter((one) => one.code != null);
  const done = told.length - refused.length;
  return (
    <Banner kind={refused.length > 0 ? "warning" : "success"} live title={t`${done} 件を取り消しました`}>
      {refused.length > 0 ? (
        <>
          <p>{t`取り消せなかった予約:`}</p>
          <ul>
            {refused.map((one) => <li key={one.id}>{at(one.id)}: {one.detail}</li>)}
          </ul>
        </>
      ) : null}
    </Banner>
  );
}

function CancelAll({ count, from, reasons, cancel, onDone }: {
  count: number;
  from: string;
  reasons: { value: Reason; label: string }[];
  cancel: (reason: Reason) => Promise<Answer<{ items: CalledOff[] }>>;
  onDone: (items: CalledOff[]) => void;
}) {
  const { t } = useLingui();
  const [reason, setReason] = useState<Reason>(reasons[0]?.value ?? "other");
  const { busy, failure, call } = useCall();
  return (
    <details>
      <summary>{t`${from} からあとを、まとめて取り消す`}</summary>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void call(() => cancel(reason)).then((done) => { if (done) onDone(done.items); });
      }}>
        {failure ? <Failure error={failure} /> : null}
        <SelectField id="series-reason" label={t`取り消しの理由`} value={reason} onChange={setReason} options={reasons} />
        <button type="submit" className="button button-danger" disabled={busy}>{t`${count} 件をまとめて取り消す`}</button>
      </form>
    </details>
  );
}
