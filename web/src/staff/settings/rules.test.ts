import { describe, expect, it } from "vitest";
import { fieldsOf, rulesOf } from "./rules";

const rules = {
  length_min: 15, buffer_before_min: 0, buffer_after_min: 5, step_min: 15, notice_min: 60, notice_working_days: 0,
  horizon_days: 60, change_cutoff_min: 120, cancel_cutoff_min: 60, needs_approval: false, answer_within_min: 2880, visit: "repeat" as const, daily_limit: null, capacity: 1,
  needs_room: false, patient_daily_limit: 2, clinicians: [], team: [],
};

describe("rules of a kind of visit", () => {
  it("go to fields and back", () => {
    expect(rulesOf(fieldsOf(rules))).toEqual({ rules });
    expect(rulesOf({ ...fieldsOf(rules), daily_limit: "２０", length_min: " 30 " })).toEqual({ rules: { ...rules, daily_limit: 20, length_min: 30 } });
  });

  it("name every field that is no number within its limits", () => {
    const fields = { ...fieldsOf(rules), length_min: "", step_min: "0", horizon_days: "367", capacity: "two", daily_limit: "0", notice_min: "-5" };
    expect(rulesOf(fields)).toEqual({ faults: ["length_min", "step_min", "notice_min", "horizon_days", "daily_limit", "capacity"] });
  });
});
