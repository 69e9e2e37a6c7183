import { describe, expect, it } from "vitest";
import { entryOf, factsOf, fieldOf, tookPlace } from "./facts";

const suggested = {
  kind: "online_care", video_seen: true, guideline_first_visit: true, billing_first_visit: false, underlying_info_known: false,
  identity_checked: false, identity_version: 0, basis_known: false, basis_version: 1, language: "ja", patient_prefecture: "13", doctor_place: "clinic", doctor_prefecture: null, record_access: null,
} as const;

describe("what is said of a visit", () => {
  it("is what was suggested where nothing was changed", () => {
    expect(factsOf(entryOf(suggested), "done", "13")).toEqual({
      guideline_first_visit: true, billing_first_visit: false, underlying_info_known: false, medications_confirmed: false,
      prescription: { kind: "none" }, doctor_place: "clinic",
    });
  });

  it("says where the patient was only against what the patient said", () => {
    expect(factsOf({ ...entryOf(suggested), patientPrefecture: "14" }, "done", "13").patient_prefecture).toBe("14");
  });

  it("leaves out what belongs to another choice", () => {
    const entry = { ...entryOf(suggested), days: "14", psychotropic: true, number: "123456", doctorPrefecture: "14", access: "other", conversion: "unsuitable" } as const;
    const facts = factsOf(entry, "done");
    expect(facts.prescription).toEqual({ kind: "none" });
    for (const left of ["exchange_number", "doctor_prefecture", "record_access", "conversion_reason"]) expect(facts).not.toHaveProperty(left);
    expect(factsOf(entry, "converted_to_in_person").conversion_reason).toBe("unsuitable");
    expect(factsOf({ ...entry, place: "home" }, "done")).toMatchObject({ doctor_prefecture: "14", record_access: "other" });
  });

  it("says a prescription with its days and its number", () => {
    const entry = { ...entryOf(suggested), kind: "electronic", days: " 7 ", number: " 012345 ", highRisk: true } as const;
    const facts = factsOf(entry, "done");
    expect(facts.prescription).toEqual({ kind: "electronic", days: 7, narcotic: false, psychotropic: false, high_risk: true });
    expect(facts.exchange_number).toBe("012345");
    // What is no number is left to the server, which says what is missing.
    expect(factsOf({ ...entry, days: "一週間" }, "done").prescription).not.toHaveProperty("days");
  });
});

it("knows the control of a field and the outcomes with care", () => {
  expect(["/facts/prescription/days", "/facts/onward_policy", "/note"].map(fieldOf)).toEqual(["prescription-days", "onward_policy", "note"]);
  expect(["/clearance/medical_information", "/clearance/questionnaire"].map(fieldOf)).toEqual(["closing-first_visit_basis", "clearance-questionnaire"]);
  expect((["done", "converted_to_in_person", "patient_absent", ""] as const).map(tookPlace)).toEqual([true, true, false, false]);
});
