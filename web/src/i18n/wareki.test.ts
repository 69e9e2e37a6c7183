import { describe, expect, it } from "vitest";
import { bothCalendars, type DateEntry, eraYear, readDate } from "./wareki";

const TODAY = "2026-11-23";
const entry = (era: DateEntry["era"], year: string, month: string, day: string): DateEntry => ({ era, year, month, day });

describe("a birth date", () => {
  it("is the same in either calendar", () => {
    expect(readDate(entry("showa", "23", "5", "3"), TODAY)).toEqual({ date: "1948-05-03" });
    expect(readDate(entry("western", "1948", "5", "3"), TODAY)).toEqual({ date: "1948-05-03" });
  });

  it("may be typed in full width and with 元", () => {
    expect(readDate(entry("reiwa", "元", "５", "１"), TODAY)).toEqual({ date: "2019-05-01" });
    expect(readDate(entry("heisei", "１", "1", "8"), TODAY)).toEqual({ date: "1989-01-08" });
  });

  it("must lie in its era, to the day", () => {
    expect(readDate(entry("showa", "64", "1", "7"), TODAY)).toEqual({ date: "1989-01-07" });
    expect(readDate(entry("showa", "64", "1", "8"), TODAY)).toEqual({ fault: "not_in_era" });
    expect(readDate(entry("heisei", "1", "1", "7"), TODAY)).toEqual({ fault: "not_in_era" });
    expect(readDate(entry("heisei", "31", "4", "30"), TODAY)).toEqual({ date: "2019-04-30" });
    expect(readDate(entry("heisei", "31", "5", "1"), TODAY)).toEqual({ fault: "not_in_era" });
    expect(readDate(entry("taisho", "15", "12", "24"), TODAY)).toEqual({ date: "1926-12-24" });
  });

  it("must be a day that exists", () => {
    expect(readDate(entry("western", "2023", "2", "29"), TODAY)).toEqual({ fault: "not_a_date" });
    expect(readDate(entry("western", "2024", "2", "29"), TODAY)).toEqual({ date: "2024-02-29" });
    expect(readDate(entry("western", "1990", "13", "1"), TODAY)).toEqual({ fault: "not_a_date" });
    expect(readDate(entry("showa", "x", "1", "1"), TODAY)).toEqual({ fault: "not_a_date" });
    expect(readDate(entry("showa", "0", "1", "1"), TODAY)).toEqual({ fault: "not_a_date" });
  });

  it("must be whole, past, and of somebody alive", () => {
    expect(readDate(entry("western", "1990", "", "1"), TODAY)).toEqual({ fault: "missing" });
    expect(readDate(entry("western", "2026", "11", "24"), TODAY)).toEqual({ fault: "future" });
    expect(readDate(entry("western", "2026", "11", "23"), TODAY)).toEqual({ date: "2026-11-23" });
    expect(readDate(entry("western", "1899", "12", "31"), TODAY)).toEqual({ fault: "too_old" });
  });
});

describe("what was understood", () => {
  it("is echoed in both calendars", () => {
    expect(bothCalendars("1948-05-03", "ja")).toBe("1948年（昭和23年）5月3日");
    expect(bothCalendars("2019-05-01", "ja")).toBe("2019年（令和元年）5月1日");
    expect(bothCalendars("1948-05-03", "en")).toBe("3 May 1948 (Showa 23)");
  });

  it("agrees with the browser's own calendar for every month of a century", () => {
    const browser = new Intl.DateTimeFormat("ja-JP-u-ca-japanese", { era: "long", year: "numeric", timeZone: "UTC" });
    for (let month = 0; month < 1200; month += 1) {
      const at = new Date(Date.UTC(1926, month, 10));
      const date = at.toISOString().slice(0, 10);
      expect(eraYear(date, "ja"), date).toBe(browser.format(at));
    }
  });
});
