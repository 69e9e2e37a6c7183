import type { Language } from "./language";

type Parts = Partial<Record<Intl.DateTimeFormatPartTypes, string>>;

const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(language: Language, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language}|${zone}|${JSON.stringify(options)}`;
  let found = cache.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(language === "ja" ? "ja-JP" : "en-GB", { ...options, timeZone: zone });
    cache.set(key, found);
  }
  return found;
}

function parts(instant: Date, language: Language, zone: string, options: Intl.DateTimeFormatOptions): Parts {
  const result: Parts = {};
  for (const part of formatter(language, zone, options).formatToParts(instant)) result[part.type] = part.value;
  return result;
}

/** 「12月1日（火）」 / "Tue 1 December", of an instant in a zone. */
export function dayOf(instant: string, zone: string, language: Language): string {
  const p = parts(new Date(instant), language, zone, { month: "long", day: "numeric", weekday: "short" });
  if (language === "ja") return `${p.month ?? ""}月${p.day ?? ""}日（${p.weekday ?? ""}）`.replace("月月", "月");
  return `${p.weekday ?? ""} ${p.day ?? ""} ${p.month ?? ""}`;
}

/** 「2026年12月1日」 / "1 December 2026", of an instant in a zone: where years may lie between. */
export function longDate(instant: string, zone: string, language: Language): string {
  return formatter(language, zone, { year: "numeric", month: "long", day: "numeric" }).format(new Date(instant));
}

/** 「午前9:30」 / "9:30 am" on one line, of an instant in a zone. */
export function timeOf(instant: string, zone: string, language: Language): string {
  const p = parts(new Date(instant), language, zone, {
    hour: "numeric",
    minute: "2-digit",
    hourCycle: language === "ja" ? "h11" : "h12",
  });
  const clock = `${p.hour ?? ""}:${p.minute ?? ""}`;
  return language === "ja" ? `${p.dayPeriod ?? ""}${clock}` : `${clock}\u00a0${p.dayPeriod ?? ""}`;
}

/** 「12月1日（火） 午前9:30」 / "Tue 1 December, 9:30 am". */
export function dayAndTime(instant: string, zone: string, language: Language): string {
  const joint = language === "ja" ? " " : ", ";
  return `${dayOf(instant, zone, language)}${joint}${timeOf(instant, zone, language)}`;
}

/** 「9:40」: the clock alone, for a time that is minutes away. */
export function clockOf(instant: string, zone: string): string {
  const p = parts(new Date(instant), "ja", zone, { hour: "numeric", minute: "2-digit", hourCycle: "h23" });
  return `${p.hour ?? ""}:${p.minute ?? ""}`;
}

/** The local date (`2026-12-01`) of an instant in a zone. */
export function dateOf(instant: Date, zone: string): string {
  const p = parts(instant, "en", zone, { year: "numeric", month: "2-digit", day: "2-digit" });
  return `${p.year ?? ""}-${p.month ?? ""}-${p.day ?? ""}`;
}

/** A local date some days later; calendar arithmetic, so no zone takes part. */
export function addDays(date: string, days: number): string {
  const at = new Date(`${date}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** 「12月1日（火）」 of a local date. */
export function dayName(date: string, language: Language): string {
  return dayOf(`${date}T12:00:00Z`, "UTC", language);
}

/** 540 → "9:00"; 1440 → "24:00". */
export function clockOfMinutes(minutes: number): string {
  return `${String(Math.floor(minutes / 60))}:${String(minutes % 60).padStart(2, "0")}`;
}

/** "09:00" → 540; undefined when it is no time of the day. `24:00` is the end of the day. */
export function minutesOfClock(clock: string): number | undefined {
  const match = /^(\d{1,2}):(\d{2})$/.exec(clock.trim());
  if (!match) return undefined;
  const minutes = Number(match[1]) * 60 + Number(match[2]);
  return Number(match[2]) < 60 && minutes <= 1440 ? minutes : undefined;
}

/** Whole minutes from one instant to another, never below zero. */
export function minutesBetween(from: string, to: Date): number {
  return Math.max(0, Math.floor((to.getTime() - new Date(from).getTime()) / 60_000));
}

/** Official number style: 1,051 and ▲70 for a negative. */
export function count(value: number): string {
  const digits = Math.abs(value).toLocaleString("ja-JP");
  return value < 0 ? `▲${digits}` : digits;
}

/** One decimal with a full-width sign: 48.7％, ▲12.9％. */
export function percent(value: number): string {
  return `${value < 0 ? "▲" : ""}${Math.abs(value).toFixed(1)}％`;
}

/** 48.7％（311/638）: a share never stands without its fraction when that is known. */
export function share(value: number, numerator?: number | null, denominator?: number | null): string {
  if (numerator == null || denominator == null) return percent(value);
  return `${percent(value)}（${count(numerator)}/${count(denominator)}）`;
}
