import { describe, expect, it } from "vitest";
import { hoursOf, rowsOf, weekdayName } from "./hours";

const row = (key: number, weekday: number, opens: string, closes: string) => ({ key, weekday, opens, closes, rest: {} });

describe("weekly hours", () => {
  it("go to rows and back", () => {
    const hours = [{ weekday: 1, opens: 540, closes: 720 }, { weekday: 1, opens: 840, closes: 1020 }, { weekday: 6, opens: 570, closes: 600 }];
    expect(hoursOf(rowsOf([...hours].reverse()))).toEqual({ hours });
  });

  it("may last until midnight, which a time field calls 00:00", () => {
    const hours = [{ weekday: 7, opens: 0, closes: 1440 }];
    expect(rowsOf(hours)[0]).toMatchObject({ opens: "00:00", closes: "00:00" });
    expect(hoursOf(rowsOf(hours))).toEqual({ hours });
  });

  it("keep what the form does not edit", () => {
    const odd = { weekday: 6, opens: 540, closes: 720, weeks_of_month: 10, service_id: "s", valid_from: "2027-01-01" };
    expect(hoursOf(rowsOf([odd]))).toEqual({ hours: [odd] });
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
  });
});
