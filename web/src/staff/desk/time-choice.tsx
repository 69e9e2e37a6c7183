import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, type Schemas } from "../../api/client";
import { addDays, dateOf, dayName, language, timeOf } from "../../i18n";
import { TextField } from "../../ui/fields";
import { QueryState } from "../../ui/query-state";
import { useAccount } from "../account";
import { ClinicianSelect } from "../clinician-select";
import { TimeField } from "../hours/time-field";
import { CLINIC_ZONE } from "../today-page";

/** A time that staff chose; no clinician means anybody who is free. */
export interface Wanted {
  start: string;
  clinician: string;
}

/** What Tokyo's clocks are ahead of UTC, all the year. */
const OFFSET = "+09:00";

/** The free times of one day, day by day; with a reason also any time that is typed. */
export function TimeChoice({ service, clinicians, clinician: first, from, free, busy, onChoose }: {
  service: string;
  clinicians: Schemas["Clinician"][];
  clinician: string;
  from: string;
  /** Whether a time that is not offered can be typed. */
  free: boolean;
  busy: boolean;
  onChoose: (wanted: Wanted) => void;
}) {
  const { t } = useLingui();
  const account = useAccount();
  const today = dateOf(new Date(), CLINIC_ZONE);
  const [date, setDate] = useState(from < today ? today : from);
  const [clinician, setClinician] = useState(first);
  const [clock, setClock] = useState("");
  const times = api.useQuery("get", "/api/facilities/{id}/slots", { params: { path: { id: account.facility?.id ?? "" }, query: { service, from: date, days: 1 } } });
  const slots = (times.data?.days[0]?.slots ?? []).filter((slot) => !clinician || slot.clinician_id === clinician);
  const starts = [...new Set(slots.map((slot) => slot.start))].sort();
  return (
    <section aria-label={t`時間を選ぶ`}>
      <div className="form-row">
        <TextField id="day" type="date" width="medium" label={t`日付`} value={date} onChange={(next) => { if (next) setDate(next); }} />
        {clinicians.length > 1 ? <ClinicianSelect everybody clinicians={clinicians} value={clinician} onChange={setClinician} /> : null}
      </div>
      <div className="toolbar" role="group" aria-label={t`日付`}>
        <button type="button" className="button button-outline button-small" disabled={date <= today} onClick={() => { setDate(addDays(date, -1)); }}>{t`前の日`}</button>
        <strong>{dayName(date, language())}</strong>
        <button type="button" className="button button-outline button-small" onClick={() => { setDate(addDays(date, 1)); }}>{t`次の日`}</button>
      </div>
      <QueryState query={times} />
      {times.data && starts.length === 0 ? <p>{t`この日に空いている時間はありません。`}</p> : null}
      <div className="slots">
        {starts.map((start) => (
          <button type="button" className="button button-outline button-small" key={start} disabled={busy} onClick={() => { onChoose({ start, clinician }); }}>{timeOf(start, CLINIC_ZONE, language())}</button>
        ))}
      </div>
      {free ? (
        <form className="form-row" noValidate onSubmit={(event) => {
          event.preventDefault();
          if (clock) onChoose({ start: new Date(`${date}T${clock}:00${OFFSET}`).toISOString(), clinician });
        }}>
          <TimeField id="any-time" label={t`出していない時刻`} value={clock} onChange={setClock} />
          <button type="submit" className="button button-outline" disabled={busy || clock === ""}>{t`この時刻にする`}</button>
        </form>
      ) : null}
    </section>
  );
}
