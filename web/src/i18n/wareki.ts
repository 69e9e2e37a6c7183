import type { Language } from "./language";

/** Japanese eras a living person may be born in, with their first day; newest first. */
export const ERAS = [
  { key: "reiwa", ja: "令和", en: "Reiwa", from: "2019-05-01" },
  { key: "heisei", ja: "平成", en: "Heisei", from: "1989-01-08" },
  { key: "showa", ja: "昭和", en: "Showa", from: "1926-12-25" },
  { key: "taisho", ja: "大正", en: "Taisho", from: "1912-07-30" },
] as const;

export type Era = (typeof ERAS)[number]["key"] | "western";

/** A birth date as it is typed: the year counts within the era. */
export interface DateEntry {
  era: Era;
  year: string;
  month: string;
  day: string;
}

export type DateFault = "missing" | "not_a_date" | "not_in_era" | "future" | "too_old";

/** Digits as people type them on a Japanese keyboard: full width, and 元 for the first year. */
function number(text: string): number {
  const half = text.trim().replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0));
  if (half === "元") return 1;
  return /^\d{1,4}$/.test(half) ? Number(half) : NaN;
}

const pad = (value: number, length: number): string => String(value).padStart(length, "0");

/** The ISO date of an entry, or why it is none. `today` is a local date. */
export function readDate(entry: DateEntry, today: string): { date: string } | { fault: DateFault } {
  if (!entry.year.trim() || !entry.month.trim() || !entry.day.trim()) return { fault: "missing" };
  const [year, month, day] = [number(entry.year), number(entry.month), number(entry.day)];
  const index = ERAS.findIndex((known) => known.key === entry.era);
  const era = ERAS[index];
  const western = era ? Number(era.from.slice(0, 4)) + year - 1 : year;
  const at = new Date(Date.UTC(western, month - 1, day));
  const real = at.getUTCFullYear() === western && at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
  if (!real || year < 1) return { fault: "not_a_date" };
  const date = `${pad(western, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  const end = index > 0 ? ERAS[index - 1]?.from : undefined;
  if (era && (date < era.from || (end !== undefined && date >= end))) return { fault: "not_in_era" };
  if (date > today) return { fault: "future" };
  if (date < "1900-01-01") return { fault: "too_old" };
  return { date };
}

/** 1948-05-03 → 「昭和23年」; the first year is 元年. Empty before Taisho. */
export function eraYear(date: string, language: Language): string {
  const era = ERAS.find((known) => date >= known.from);
  if (!era) return "";
  const year = Number(date.slice(0, 4)) - Number(era.from.slice(0, 4)) + 1;
  if (language === "en") return `${era.en} ${String(year)}`;
  return `${era.ja}${year === 1 ? "元" : String(year)}年`;
}

/** Both ways of writing a date, so that the reader can check the one he knows. */
export function bothCalendars(date: string, language: Language): string {
  const [year = "", month = "", day = ""] = date.split("-").map((part) => String(Number(part)));
  const era = eraYear(date, language);
  if (language === "ja") return `${year}年${era ? `（${era}）` : ""}${month}月${day}日`;
  const name = new Date(`${date}T12:00:00Z`).toLocaleDateString("en-GB", { month: "long", timeZone: "UTC" });
  return `${day} ${name} ${year}${era ? ` (${era})` : ""}`;
}
