import type { Schemas } from "../../api/client";
import { addDays, clockOfMinutes, minutesOfClock } from "../../i18n";

export type Hours = Schemas["Stretch"];

/** In which weeks, on which dates and for which kind of visit a stretch is kept. */
export type Conditions = Omit<Hours, "weekday" | "opens" | "closes">;

/** A stretch as it is being edited. `key` only tells rows apart. */
export interface HoursRow {
  key: number;
  clinician: string;
  weekday: number;
  /** As a native time field writes it, while it is typed. */
  opens: string;
  closes: string;
  rest: Conditions;
}

/** Minutes of a day. */
export const DAY = 1440;

/** Times of visits are multiples of this many minutes. */
export const UNIT = 5;

export type HoursFault = "not_a_time" | "wrong_order" | "overlap";

/** Minutes as a native time field writes them; it knows no 24:00, so that the end of the day is 00:00. */
export const clockField = (minutes: number): string => clockOfMinutes(minutes === DAY ? 0 : minutes).padStart(5, "0");

/** First and last minute of a row, where both are times in the right order. */
export function minutesOf(row: Pick<HoursRow, "opens" | "closes">): { opens: number; closes: number } | undefined {
  const opens = minutesOfClock(row.opens);
  const closes = minutesOfClock(row.closes) === 0 ? DAY : minutesOfClock(row.closes);
  return opens === undefined || closes === undefined || closes <= opens ? undefined : { opens, closes };
}

/** Stored hours of one clinician as rows, in the order of the week; keys count up from `first`. */
export function rowsOf(clinician: string, hours: Hours[], first = 0): HoursRow[] {
  return [...hours]
    .sort((a, b) => a.weekday - b.weekday || a.opens - b.opens)
    .map(({ weekday, opens, closes, ...rest }, place) => ({ key: first + place, clinician, weekday, opens: clockField(opens), closes: clockField(closes), rest }));
}

const isPlain = ({ alternate_from, service_id, valid_from, valid_until, weeks_of_month }: Conditions): boolean =>
  [alternate_from, service_id, valid_from, valid_until, weeks_of_month].every((value) => value == null);

/** Whether two stretches surely collide. Those that hold in some weeks only are for the server to judge. */
const overlap = (one: Hours, other: Hours): boolean =>
  one.weekday === other.weekday && one.opens < other.closes && other.opens < one.closes && isPlain(one) && isPlain(other);

/** Rows of one clinician as hours, or what is wrong with which row (by key). */
export function hoursOf(rows: HoursRow[]): { hours: Hours[] } | { faults: { key: number; fault: HoursFault }[] } {
  const faults: { key: number; fault: HoursFault }[] = [];
  const read: Hours[] = [];
  for (const row of rows) {
    const minutes = minutesOf(row);
    if (!minutes) {
      const typed = minutesOfClock(row.opens) !== undefined && minutesOfClock(row.closes) !== undefined;
      faults.push({ key: row.key, fault: typed ? "wrong_order" : "not_a_time" });
    } else {
      const hours = { weekday: row.weekday, ...minutes, ...row.rest };
      if (read.some((other) => overlap(other, hours))) faults.push({ key: row.key, fault: "overlap" });
      read.push(hours);
    }
  }
  if (faults.length > 0) return { faults };
  return { hours: read.sort((a, b) => a.weekday - b.weekday || a.opens - b.opens) };
}

/** The weekday of a date, 1 being Monday. */
export const weekdayOf = (date: string): number => new Date(`${date}T00:00:00Z`).getUTCDay() || 7;

/** The Monday of the week of a date. */
export const mondayOf = (date: string): string => addDays(date, 1 - weekdayOf(date));

const weeksBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${mondayOf(to)}T00:00:00Z`) - Date.parse(`${mondayOf(from)}T00:00:00Z`)) / (7 * 86_400_000));

/** Whether a stretch of that weekday is kept on a date; only for showing a week, the server decides. */
export function fallsOn(weekday: number, rest: Conditions, date: string): boolean {
  if (weekdayOf(date) !== weekday) return false;
  if (rest.valid_from != null && date < rest.valid_from) return false;
  if (rest.valid_until != null && date >= rest.valid_until) return false;
  if (rest.alternate_from != null && weeksBetween(rest.alternate_from, date) % 2 !== 0) return false;
  if (rest.weeks_of_month == null) return true;
  const nth = Math.floor((Number(date.slice(8)) - 1) / 7);
  return ((rest.weeks_of_month >> nth) & 1) === 1;
}

/** A stretch moved within the week: clipped to its day, never shorter or longer than it was. */
export function moved(minutes: { opens: number; closes: number }, by: number): { opens: number; closes: number } {
  const length = minutes.closes - minutes.opens;
  const opens = Math.min(Math.max(minutes.opens + by, 0), DAY - length);
  return { opens, closes: opens + length };
}

/** A stretch with its end moved: at least one unit long, at most to the end of the day. */
export function stretched(minutes: { opens: number; closes: number }, by: number): { opens: number; closes: number } {
  return { ...minutes, closes: Math.min(Math.max(minutes.closes + by, minutes.opens + UNIT), DAY) };
}

/** The name of a weekday, 1 being Monday. */
export function weekdayName(weekday: number, language: "ja" | "en"): string {
  // 2024-01-01 was a Monday.
  return new Date(Date.UTC(2024, 0, weekday)).toLocaleDateString(language === "ja" ? "ja-JP" : "en-GB", { weekday: "long", timeZone: "UTC" });
}
