import { useQueries, useQuery } from "@tanstack/react-query";
import { api, type Schemas } from "../../api/client";
import { dateOf, minutesBetween } from "../../i18n";
import { CLINIC_ZONE } from "../today-page";
import { DAY } from "./stretches";

/** A visit's place in a clinician's day. */
export interface Taken {
  clinician: string;
  date: string;
  opens: number;
  closes: number;
}

/** A day that is not as the weekly hours say, for one clinician or for all. */
export interface Special {
  id: string;
  clinician: string | null;
  date: string;
  kind: Schemas["ExceptionKind"] | "closure" | "holiday_closed" | "holiday_open";
  opens?: number;
  closes?: number;
  name: string;
}

/** A month and day of the year, as `12-29`. */
const monthDay = (date: string): string => date.slice(5);

/** Whether a closure holds on a date; a yearly one may lie across the new year. */
export function closureHolds(closure: Schemas["Closure"], date: string): boolean {
  if (closure.dates) return closure.dates.from <= date && date <= closure.dates.to;
  if (!closure.yearly) return false;
  const [from, to, day] = [closure.yearly.from, closure.yearly.to, monthDay(date)];
  return from <= to ? from <= day && day <= to : day >= from || day <= to;
}

/** Whether the weekly hours of a clinician do not hold on a date, because something else does. */
export const isReplaced = (specials: Special[], clinician: string, date: string): boolean =>
  specials.some((one) => one.date === date && (one.clinician === null || one.clinician === clinician) && one.kind !== "break" && one.kind !== "holiday_open");

const minuteOf = (instant: string, date: string): number => {
  const at = new Date(instant);
  if (dateOf(at, CLINIC_ZONE) !== date) return DAY;
  const [hour, minute] = at.toLocaleTimeString("en-GB", { timeZone: CLINIC_ZONE, hour: "2-digit", minute: "2-digit" }).split(":").map(Number);
  return (hour ?? 0) * 60 + (minute ?? 0);
};

/** Bookings that keep a clinician's time. */
const OCCUPIES: Schemas["Status"][] = ["held", "requested", "booked", "checked_in", "in_progress", "fulfilled"];

/** What there is besides weekly hours on some days in a row: differing dates, holidays, closures, visits. */
export function useDays(dates: string[]): { specials: Special[]; taken: Taken[]; error: unknown } {
  const [from, to] = [dates[0] ?? "", dates.at(-1) ?? ""];
  const range = { params: { query: { from, to } } };
  const exceptions = useQuery(api.queryOptions("get", "/api/clinic/exceptions", range));
  const closures = useQuery(api.queryOptions("get", "/api/clinic/closures"));
  const holidays = useQuery(api.queryOptions("get", "/api/clinic/holidays", range));
  const visits = useQueries({ queries: dates.map((date) => ({ ...api.queryOptions("get", "/api/clinic/visits", { params: { query: { date } } }), staleTime: 60_000 })) });
  const specials: Special[] = [
    ...(exceptions.data?.items ?? []).map((one): Special => ({
      id: one.id, clinician: one.clinician_id ?? null, date: one.date, kind: one.kind, name: one.note,
      ...(one.opens != null && one.closes != null ? { opens: one.opens, closes: one.closes } : {}),
    })),
    ...dates.flatMap((date) => (closures.data?.items ?? []).filter((one) => closureHolds(one, date)).map((one): Special => ({ id: `${one.id}-${date}`, clinician: one.clinician_id ?? null, date, kind: "closure", name: one.name }))),
    ...(holidays.data?.items ?? []).map((one): Special => ({ id: `holiday-${one.date}`, clinician: null, date: one.date, kind: one.open ? "holiday_open" : "holiday_closed", name: one.name })),
  ];
  const taken = visits.flatMap((query) => {
    const list = query.data;
    return (list?.items ?? []).filter(({ booking }) => OCCUPIES.includes(booking.status)).map(({ booking }): Taken => {
      const date = list?.date ?? "";
      const opens = minuteOf(booking.start, date);
      return { clinician: booking.clinician.id, date, opens, closes: Math.min(DAY, opens + minutesBetween(booking.start, new Date(booking.end))) };
    });
  });
  return { specials, taken, error: exceptions.error ?? closures.error ?? holidays.error ?? visits.find((one) => one.error)?.error };
}

