import { describe, expect, it } from "vitest";
import { addDays, clockOf, clockOfMinutes, count, dateOf, dayAndTime, dayName, longDate, minutesBetween, minutesOfClock, percent, share } from "./format";

// The tests run in New York's zone: nothing may lean on the zone of the device.
const TOKYO = "Asia/Tokyo";

describe("times", () => {
  it("are those of the clinic's zone", () => {
    expect(dayAndTime("2026-12-01T00:30:00Z", TOKYO, "ja")).toBe("12月1日（火） 午前9:30");
    expect(dayAndTime("2026-12-01T00:30:00Z", TOKYO, "en")).toBe("Tue 1 December, 9:30\u00a0am");
    expect(dayAndTime("2026-11-30T15:05:00Z", TOKYO, "ja")).toBe("12月1日（火） 午前0:05");
  });

  it("call noon 午後0:00 and 12:00 pm", () => {
    expect(dayAndTime("2026-12-01T03:00:00Z", TOKYO, "ja")).toBe("12月1日（火） 午後0:00");
    expect(dayAndTime("2026-12-01T03:00:00Z", TOKYO, "en")).toBe("Tue 1 December, 12:00\u00a0pm");
  });

  it("give the day with its year, where years may lie between", () => {
    expect(longDate("2025-12-31T15:30:00Z", TOKYO, "ja")).toBe("2026年1月1日");
    expect(longDate("2025-12-31T15:30:00Z", TOKYO, "en")).toBe("1 January 2026");
  });

  it("give the clock alone", () => {
    expect(clockOf("2026-12-01T00:40:00Z", TOKYO)).toBe("9:40");
    expect(clockOf("2026-12-01T06:05:00Z", TOKYO)).toBe("15:05");
  });
});

describe("days", () => {
  it("change at midnight of the zone", () => {
    expect(dateOf(new Date("2026-11-30T14:59:59Z"), TOKYO)).toBe("2026-11-30");
    expect(dateOf(new Date("2026-11-30T15:00:00Z"), TOKYO)).toBe("2026-12-01");
  });

  it("are counted on the calendar", () => {
    expect(addDays("2026-12-28", 7)).toBe("2027-01-04");
    expect(addDays("2028-03-01", -1)).toBe("2028-02-29");
    expect(dayName("2026-12-01", "ja")).toBe("12月1日（火）");
  });
});

describe("minutes of the day", () => {
  it("go there and back", () => {
    for (const minutes of [0, 5, 540, 719, 1435, 1440]) expect(minutesOfClock(clockOfMinutes(minutes))).toBe(minutes);
  });

  it("refuse what is no time", () => {
    for (const text of ["", "9", "9:60", "24:01", "25:00", "9:5", "a:00"]) expect(minutesOfClock(text), text).toBeUndefined();
  });

  it("between two instants never fall below zero", () => {
    expect(minutesBetween("2026-12-01T00:00:00Z", new Date("2026-12-01T00:07:59Z"))).toBe(7);
    expect(minutesBetween("2026-12-01T00:00:00Z", new Date("2026-11-30T23:00:00Z"))).toBe(0);
  });
});

describe("official numbers", () => {
  it("have commas, and ▲ for a negative", () => {
    expect(count(1051)).toBe("1,051");
    expect(count(-70)).toBe("▲70");
    expect(percent(-12.94)).toBe("▲12.9％");
  });

  it("never give a share without its fraction when that is known", () => {
    expect(share(48.7, 311, 638)).toBe("48.7％（311/638）");
    expect(share(57.8)).toBe("57.8％");
    expect(share(57.8, 5, null)).toBe("57.8％");
  });
});
