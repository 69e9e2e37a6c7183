import type { Schemas } from "../api/client";
import { clockOfMinutes, minutesOfClock } from "../i18n";

export type Hours = Schemas["Stretch"];

/** A row as it is being typed. `key` only tells rows apart. */
export interface HoursRow {
  key: number;
  weekday: number;
  opens: string;
  closes: string;
  /** What this form does not edit (only some weeks, only one kind of visit, from some date on): it is kept. */
  rest: Omit<Hours, "weekday" | "opens" | "closes">;
}

/** Minutes of a day. */
const DAY = 1440;

export type HoursFault = "not_a_time" | "wrong_order" | "overlap";

/** Minutes as a native time field writes them; it knows no 24:00, so that the end of the day is 00:00. */
const clockField = (minutes: number): string => clockOfMinutes(minutes === DAY ? 0 : minutes).padStart(5, "0");

/** Stored hours as rows, in the order of the week. */
export function rowsOf(hours: Hours[]): HoursRow[] {
  return [...hours]
    .sort((a, b) => a.weekday - b.weekday || a.opens - b.opens)
    .map(({ weekday, opens, closes, ...rest }, key) => ({ key, weekday, opens: clockField(opens), closes: clockField(closes), rest }));
}

const isPlain = ({ alternate_from, service_id, valid_from, valid_until, weeks_of_month }: Hours): boolean =>
  [alternate_from, service_id, valid_from, valid_until, weeks_of_month].every((value) => value == null);

/** Whether two stretches surely collide. Those that hold in some weeks only are for the server to judge. */
const overlap = (one: Hours, other: Hours): boolean =>
  one.weekday === other.weekday && one.opens < other.closes && other.opens < one.closes && isPlain(one) && isPlain(other);

/** Rows as hours, or what is wrong with which row (by key). */
export function hoursOf(rows: HoursRow[]): { hours: Hours[] } | { faults: { key: number; fault: HoursFault }[] } {
  const faults: { key: number; fault: HoursFault }[] = [];
  const read: Hours[] = [];
  for (const { key, weekday, opens: from, closes: to, rest } of rows) {
    const opens = minutesOfClock(from);
    const closes = minutesOfClock(to) === 0 ? DAY : minutesOfClock(to);
    if (opens === undefined || closes === undefined) faults.push({ key, fault: "not_a_time" });
    else if (closes <= opens) faults.push({ key, fault: "wrong_order" });
    else {
      const hours = { weekday, opens, closes, ...rest };
      if (read.some((other) => overlap(other, hours))) faults.push({ key, fault: "overlap" });
      read.push(hours);
    }
  }
  if (faults.length > 0) return { faults };
  return { hours: read.sort((a, b) => a.weekday - b.weekday || a.opens - b.opens) };
}

/** The name of a weekday, 1 being Monday. */
export function weekdayName(weekday: number, language: "ja" | "en"): string {
  // 2024-01-01 was a Monday.
  return new Date(Date.UTC(2024, 0, weekday)).toLocaleDateString(language === "ja" ? "ja-JP" : "en-GB", { weekday: "long", timeZone: "UTC" });
}
