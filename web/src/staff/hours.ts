import type { Schemas } from "../api/client";
import { clockOfMinutes, minutesOfClock } from "../i18n";

export type Hours = Schemas["WeeklyHours"];

/** A row as it is being typed. `key` only tells rows apart. */
export interface HoursRow {
  key: number;
  weekday: number;
  opens: string;
  closes: string;
}

export type HoursFault = "not_a_time" | "wrong_order" | "overlap";

/** Stored hours as rows, in the order of the week. */
export function rowsOf(hours: Hours[]): HoursRow[] {
  return [...hours]
    .sort((a, b) => a.weekday - b.weekday || a.opens - b.opens)
    .map((one, key) => ({ key, weekday: one.weekday, opens: clockOfMinutes(one.opens).padStart(5, "0"), closes: clockOfMinutes(one.closes).padStart(5, "0") }));
}

/** Rows as hours, or what is wrong with which row (by key). */
export function hoursOf(rows: HoursRow[]): { hours: Hours[] } | { faults: { key: number; fault: HoursFault }[] } {
  const faults: { key: number; fault: HoursFault }[] = [];
  const read: (Hours & { key: number })[] = [];
  for (const { key, weekday, opens: from, closes: to } of rows) {
    const [opens, closes] = [minutesOfClock(from), minutesOfClock(to)];
    if (opens === undefined || closes === undefined) faults.push({ key, fault: "not_a_time" });
    else if (closes <= opens) faults.push({ key, fault: "wrong_order" });
    else {
      if (read.some((other) => other.weekday === weekday && opens < other.closes && other.opens < closes)) faults.push({ key, fault: "overlap" });
      read.push({ key, weekday, opens, closes });
    }
  }
  if (faults.length > 0) return { faults };
  return { hours: read.map(({ weekday, opens, closes }) => ({ weekday, opens, closes })).sort((a, b) => a.weekday - b.weekday || a.opens - b.opens) };
}

/** The name of a weekday, 1 being Monday. */
export function weekdayName(weekday: number, language: "ja" | "en"): string {
  // 2024-01-01 was a Monday.
  return new Date(Date.UTC(2024, 0, weekday)).toLocaleDateString(language === "ja" ? "ja-JP" : "en-GB", { weekday: "long", timeZone: "UTC" });
}
