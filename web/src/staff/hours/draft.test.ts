import { describe, expect, it } from "vitest";
import { changed, daysFrom, EMPTY, occurrences, unsaved } from "./draft";

const stored = [
  { clinician: "a", version: 3, hours: [{ weekday: 1, opens: 540, closes: 720, weeks_of_month: null }] },
  { clinician: "b", version: 1, hours: [{ weekday: 6, opens: 540, closes: 720, weeks_of_month: 0b01010 }] },
];
const draft = changed(EMPTY, { deed: "load", stored });

describe("a draft of hours", () => {
  it("is what the server keeps until somebody changes it", () => {
    expect(unsaved(draft)).toEqual([]);
    expect(draft.rows.map((row) => [row.key, row.clinician])).toEqual([[0, "a"], [1, "b"]]);
  });

  it("names the clinicians that changed: both, where a stretch goes from one to the other", () => {
    const later = changed(draft, { deed: "put", key: 0, stretch: { opens: 555, closes: 735 } });
    expect(unsaved(later).map((one) => one.clinician)).toEqual(["a"]);
    expect(unsaved(changed(later, { deed: "put", key: 0, stretch: { opens: 540, closes: 720 } }))).toEqual([]);
    const handed = changed(draft, { deed: "put", key: 0, stretch: { clinician: "b" } });
    expect(unsaved(handed).map((one) => one.clinician)).toEqual(["a", "b"]);
  });

  it("counts a row that is no time yet as unsaved", () => {
    expect(unsaved(changed(draft, { deed: "type", key: 1, part: { opens: "" } })).map((one) => one.clinician)).toEqual(["b"]);
  });

  it("never uses a key twice", () => {
    const stretch = { clinician: "a", weekday: 2, opens: 540, closes: 720, rest: {} };
    const one = changed(changed(draft, { deed: "add", stretch }), { deed: "remove", key: 2 });
    expect(changed(one, { deed: "add", stretch }).rows.map((row) => row.key)).toEqual([0, 1, 3]);
  });

  it("takes over the version that the server answers", () => {
    const hours = [{ weekday: 1, opens: 555, closes: 735 }];
    const later = changed(draft, { deed: "put", key: 0, stretch: { opens: 555, closes: 735 } });
    const saved = changed(later, { deed: "saved", stored: { clinician: "a", version: 4, hours } });
    expect(unsaved(saved)).toEqual([]);
    expect(saved.stored[0]?.version).toBe(4);
  });

  it("shows a week: what is kept on its dates, and nothing else", () => {
    const week = (monday: string) => occurrences(draft.rows, daysFrom(monday, 7)).map(({ key, date }) => [key, date]);
    expect(week("2026-08-03")).toEqual([[0, "2026-08-03"], [1, "2026-08-08"]]);
    expect(week("2026-08-10")).toEqual([[0, "2026-08-10"]]);
  });
});
