import { describe, expect, it } from "vitest";
import { fieldsOf, wishOf } from "./rules";

const rest = {
  version: 4, length_min: 15, buffer_before_min: 0, buffer_after_min: 5, step_min: 15, notice_min: 60, notice_working_days: 0,
  horizon_days: 60, change_cutoff_min: 120, cancel_cutoff_min: 60, needs_approval: false, answer_within_min: 2880, visit: "repeat" as const, daily_limit: null, capacity: 1,
  needs_room: false, patient_daily_limit: 2, clinicians: [], team: [],
};
const rules = { id: "s", name_ja: "再診", name_en: "Repeat", ...rest };

describe("rules of a kind of visit", () => {
  it("go to fields and back", () => {
    expect(wishOf(fieldsOf(rules), 4)).toEqual({ wish: rest });
    expect(wishOf({ ...fieldsOf(rules), daily_limit: "２０", length_min: " 30 " }, 5)).toEqual({ wish: { ...rest, version: 5, daily_limit: 20, length_min: 30 } });
  });

  it("name every field that is no number within its limits", () => {
    const fields = { ...fieldsOf(rules), length_min: "", step_min: "0", horizon_days: "401", capacity: "two", daily_limit: "0", notice_min: "-5" };
    expect(wishOf(fields, 4)).toEqual({ faults: ["length_min", "step_min", "notice_min", "horizon_days", "daily_limit", "capacity"] });
  });
});
