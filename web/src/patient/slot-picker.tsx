import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { api, type Facility, type Service, type Slot } from "../api/client";
import { addDays, dateOf, dayAndTime, dayName, language, timeOf } from "../i18n";
import { SelectField } from "../ui/fields";
import { QueryState } from "../ui/query-state";
import { startsOf, weekStart } from "./slots";

/** How many days are shown at a time. */
const DAYS = 7;

/** Of a day with many times so many are shown at first: a clinic open all day has 96. */
const FIRST = 12;

/** Free times in blocks of a day, a week at a time. Plain buttons: they stay quick on old telephones. */
export function SlotPicker({ facility, service, from, round = 0, busy = false, onFrom, onPick }: {
  facility: Facility;
  service: Service;
  from: string | null;
  /** Raised to fetch the times again. */
  round?: number;
  busy?: boolean;
  onFrom: (from: string) => void;
  /** `named`: this clinician was asked for; else anybody who is free will do. */
  onPick: (slot: Slot, named: boolean) => void;
}) {
  const { t } = useLingui();
  const [clinician, setClinician] = useState("");
  const today = dateOf(new Date(), facility.zone);
  const start = weekStart(from, today);
  const times = api.useQuery("get", "/api/facilities/{id}/slots", {
    params: { path: { id: facility.id }, query: { service: service.id, from: start, days: DAYS } },
  });
  const { refetch } = times;
  const whyNone = (reason: string | null | undefined): string => {
    switch (reason) {
      case "facility_closed":
      case "clinician_closed":
      case "holiday":
      case "no_hours":
        return t`休診`;
      case "not_accepted":
        return t`この日はオンライン診療を行っていません`;
      case "beyond_horizon":
      case "holidays_unknown":
      case "calendar_unknown":
        return t`この日の予約は、まだ受け付けていません`;
      case "calendar_stale":
        return t`今は予約を受け付けていません`;
      default:
        return t`空きがありません`;
    }
  };
  useEffect(() => {
    if (round > 0) void refetch();
  }, [round, refetch]);
  return (
    <section aria-label={t`予約できる時間`}>
      {facility.clinicians.length > 1 ? (
        <SelectField id="clinician" label={t`医師`} value={clinician} onChange={setClinician} options={[
          { value: "", label: t`どの医師でもよい` },
          ...facility.clinicians.map((doctor) => ({ value: doctor.id, label: doctor.name })),
        ]} />
      ) : null}
      <WeekNav start={start} today={today} onFrom={onFrom} />
      <QueryState query={times} />
      {times.data?.days.map((day) => {
        const slots = startsOf(day.slots, clinician);
        return (
          <section className="day" key={day.date} aria-labelledby={`day-${day.date}`}>
            <h2 id={`day-${day.date}`}>
              {dayName(day.date, language())}
              {/* The names of holidays are Japanese. */}
              {day.holiday ? <span className="holiday">{language() === "ja" ? day.holiday : t`祝日`}</span> : null}
            </h2>
            {slots.length > 0 ? (
              <DaySlots key={clinician} slots={slots} zone={facility.zone} busy={busy} onPick={(slot) => { onPick(slot, clinician !== ""); }} />
            ) : (
              <p className="day-empty">{whyNone(day.closed_reason)}</p>
            )}
          </section>
        );
      })}
      {times.data ? <div className="week"><WeekButtons start={start} today={today} onFrom={onFrom} /></div> : null}
    </section>
  );
}

function DaySlots({ slots, zone, busy, onPick }: { slots: Slot[]; zone: string; busy: boolean; onPick: (slot: Slot) => void }) {
  const { t } = useLingui();
  const [all, setAll] = useState(slots.length <= FIRST * 2);
  const next = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (all) next.current?.focus();
  }, [all]);
  const shown = all ? slots : slots.slice(0, FIRST);
  // Whoever opened the rest goes on from its first time; a short day has no rest.
  const opened = all && slots.length > FIRST * 2;
  return (
    <>
      <div className="slots">
        {shown.map((slot, place) => (
          <button type="button" className="slot" key={slot.start} ref={opened && place === FIRST ? next : null} disabled={busy} aria-label={dayAndTime(slot.start, zone, language())} onClick={() => { onPick(slot); }}>
            {timeOf(slot.start, zone, language())}
          </button>
        ))}
      </div>
      {all ? null : (
        <p>
          <button type="button" className="link" onClick={() => { setAll(true); }}>{t`この日のほかの時間も見る（あと ${slots.length - FIRST} 件）`}</button>
        </p>
      )}
    </>
  );
}

interface Week {
  start: string;
  today: string;
  onFrom: (from: string) => void;
}

function WeekNav(week: Week) {
  const { t } = useLingui();
  const last = addDays(week.start, DAYS - 1);
  return (
    <nav className="week" aria-label={t`週を選ぶ`}>
      <p className="week-now">{t`${dayName(week.start, language())}から${dayName(last, language())}まで`}</p>
      <WeekButtons {...week} />
    </nav>
  );
}

function WeekButtons({ start, today, onFrom }: Week) {
  const { t } = useLingui();
  return (
    <>
      <button type="button" className="button button-outline" disabled={start <= today} onClick={() => { onFrom(weekStart(addDays(start, -DAYS), today)); }}>
        {t`前の7日`}
      </button>
      <button type="button" className="button button-outline" onClick={() => { onFrom(addDays(start, DAYS)); }}>
        {t`次の7日`}
      </button>
    </>
  );
}
