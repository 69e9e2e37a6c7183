import { describe, expect, it } from "vitest";
import { firstChoice, type Proposal, twice, visitsOf } from "./plan";

const slot = (start: string, clinician_id?: string) => ({ start, end: start, ...(clinician_id ? { clinician_id } : {}) });
const proposals: Proposal[] = [
  { date: "2026-12-09", slot: slot("2026-12-09T03:00:00Z", "a"), alternatives: [] },
  { date: "2026-12-16", code: "slot_taken", detail: "…", alternatives: [slot("2026-12-16T02:45:00Z", "a"), slot("2026-12-09T03:00:00Z", "b")] },
  { date: "2026-12-23", slot: slot("2026-12-23T03:00:00Z"), alternatives: [] },
];

describe("visits that come again", () => {
  it("are taken where the wished time is free, and nowhere else by themselves", () => {
    expect(visitsOf(proposals, firstChoice(proposals), "c")).toEqual([
      { clinician_id: "a", start: "2026-12-09T03:00:00Z" },
      { clinician_id: "c", start: "2026-12-23T03:00:00Z" },
    ]);
  });

  it("are booked in order, without those that were left out", () => {
    const choice = { ...firstChoice(proposals), "2026-12-09": undefined, "2026-12-16": slot("2026-12-26T02:45:00Z", "a") };
    expect(visitsOf(proposals, choice, "c").map((one) => one.start)).toEqual(["2026-12-23T03:00:00Z", "2026-12-26T02:45:00Z"]);
  });

  it("do not take one time twice", () => {
    const choice = firstChoice(proposals);
    expect(twice(proposals, choice)).toBeUndefined();
    expect(twice(proposals, { ...choice, "2026-12-16": slot("2026-12-09T03:00:00Z", "b") })).toBe("2026-12-16");
  });
});
