import { describe, expect, it } from "vitest";
import { fallsOn, hoursOf, moved, mondayOf, rowsOf, stretched, weekdayName } from "./stretches";

const row = (key: number, weekday: number, opens: string, closes: string) => ({ key, clinician: "c", weekday, opens, closes, rest: {} });

/** The dates of a month on which a stretch is kept. */
const datesOf = (month: string, weekday: number, rest: Parameters<typeof fallsOn>[1]) =>
  Array.from({ length: 31 }, (_, day) => `${month}-${String(day + 1).padStart(2, "0")}`)
    .filter((date) => !Number.isNaN(Date.parse(date)) && fallsOn(weekday, rest, date))
    .map((date) => Number(date.slice(8)));

describe("weekly hours", () => {
  it("go to rows and back", () => {
    const hours = [{ weekday: 1, opens: 540, closes: 720 }, { weekday: 1, opens: 840, closes: 1020 }, { weekday: 6, opens: 570, closes: 600 }];
    expect(hoursOf(rowsOf("c", [...hours].reverse()))).toEqual({ hours });
  });

  it("may last until midnight, which a time field calls 00:00", () => {
    const hours = [{ weekday: 7, opens: 0, closes: 1440 }];
    expect(rowsOf("c", hours)[0]).toMatchObject({ opens: "00:00", closes: "00:00" });
    expect(hoursOf(rowsOf("c", hours))).toEqual({ hours });
  });

  it("keep their conditions", () => {
    const odd = { weekday: 6, opens: 540, closes: 720, weeks_of_month: 10, service_id: "s", valid_from: "2027-01-01" };
    expect(hoursOf(rowsOf("c", [odd]))).toEqual({ hours: [odd] });
  });

  it("may touch, but not overlap, on one day", () => {
    expect(hoursOf([row(1, 2, "09:00", "12:00"), row(2, 2, "12:00", "13:00")])).toHaveProperty("hours");
    expect(hoursOf([row(1, 2, "09:00", "12:00"), row(2, 2, "11:55", "13:00")])).toEqual({ faults: [{ key: 2, fault: "overlap" }] });
    expect(hoursOf([row(1, 2, "09:00", "12:00"), row(2, 3, "11:00", "13:00")])).toHaveProperty("hours");
  });

  it("name the row at fault", () => {
    expect(hoursOf([row(7, 1, "", "12:00"), row(8, 1, "12:00", "09:00")])).toEqual({ faults: [{ key: 7, fault: "not_a_time" }, { key: 8, fault: "wrong_order" }] });
  });

  it("begin the week on Monday", () => {
    expect([1, 7].map((day) => weekdayName(day, "ja"))).toEqual(["月曜日", "日曜日"]);
    expect(weekdayName(1, "en")).toBe("Monday");
    expect(["2026-11-23", "2026-11-29", "2027-01-01"].map(mondayOf)).toEqual(["2026-11-23", "2026-11-23", "2026-12-28"]);
  });

  it("are shown in the weeks in which they are kept, as the server counts them", () => {
    expect(datesOf("2026-08", 6, {})).toEqual([1, 8, 15, 22, 29]);
    expect(datesOf("2026-08", 6, { weeks_of_month: 0b01010 })).toEqual([8, 22]);
    // A Sunday belongs to the week of the Monday before it.
    expect(datesOf("2026-08", 6, { alternate_from: "2026-08-16" })).toEqual([1, 15, 29]);
    expect(datesOf("2026-07", 6, { alternate_from: "2026-08-16" })).toEqual([4, 18]);
    expect(datesOf("2026-08", 1, { valid_from: "2026-08-10", valid_until: "2026-08-24" })).toEqual([10, 17]);
  });

  it("move and grow within their day", () => {
    const morning = { opens: 540, closes: 720 };
    expect(moved(morning, 15)).toEqual({ opens: 555, closes: 735 });
    expect(moved(morning, -600)).toEqual({ opens: 0, closes: 180 });
    expect(moved(morning, 900)).toEqual({ opens: 1260, closes: 1440 });
    expect(stretched(morning, -400)).toEqual({ opens: 540, closes: 545 });
    expect(stretched(morning, 900)).toEqual({ opens: 540, closes: 1440 });
  });
});
