import { describe, expect, it } from "vitest";
import { editsOf, newDates, previewOf, type Standing } from "./import";

const preview = previewOf({
  hours: [{ weekday: 1, opens: 540, closes: 720 }],
  exceptions: [{ date: "2026-12-28", open: [] }, { date: "2026-12-29", open: [[600, 660], [780, 900]] }],
});
const standing: Standing = { clinician: "a", version: 3, exceptions: [] };

describe("hours of a file", () => {
  it("replace the weekly hours and add the dates, each stretch for itself", () => {
    const weekly = { kind: "weekly_hours", clinician_id: "a", version: 3, hours: preview.hours };
    expect(editsOf(preview, standing, false)).toEqual([weekly]);
    const of = { kind: "add_exception", clinician_id: "a" };
    expect(editsOf(preview, standing, true)).toEqual([
      weekly,
      { ...of, date: "2026-12-28", difference: "closed" },
      { ...of, date: "2026-12-29", difference: "open", opens: 600, closes: 660 },
      { ...of, date: "2026-12-29", difference: "open", opens: 780, closes: 900 },
    ]);
  });

  it("do not add what is kept already, for the clinician or the whole clinic", () => {
    const kept = (date: string, more: Partial<Standing["exceptions"][number]>) => ({ id: date, date, note: "", kind: "closed" as const, ...more });
    const exceptions = [kept("2026-12-28", { clinician_id: null }), kept("2026-12-29", { kind: "open", clinician_id: "a", opens: 600, closes: 660 })];
    expect(newDates(preview, { ...standing, exceptions })).toEqual([{ date: "2026-12-29", open: [{ opens: 780, closes: 900 }] }]);
    // Another's day off is not this one's.
    expect(newDates(preview, { ...standing, exceptions: [kept("2026-12-28", { clinician_id: "b" })] })).toEqual(preview.dates);
  });
});
