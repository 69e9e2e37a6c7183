import { describe, expect, it } from "vitest";
import { startsOf, weekStart } from "./slots";

const slot = (start: string, clinician_id: string) => ({ start, end: start, clinician_id });

describe("free times", () => {
  it("are shown once each, earliest first", () => {
    const slots = [slot("2026-12-01T01:00:00Z", "b"), slot("2026-12-01T00:30:00Z", "a"), slot("2026-12-01T01:00:00Z", "a")];
    expect(startsOf(slots, "").map((one) => [one.start, one.clinician_id])).toEqual([["2026-12-01T00:30:00Z", "a"], ["2026-12-01T01:00:00Z", "b"]]);
    expect(startsOf(slots, "b").map((one) => one.start)).toEqual(["2026-12-01T01:00:00Z"]);
  });

  it("start today or at the week asked for", () => {
    expect(weekStart(null, "2026-11-23")).toBe("2026-11-23");
    expect(weekStart("2026-11-30", "2026-11-23")).toBe("2026-11-30");
    expect(weekStart("2026-11-01", "2026-11-23")).toBe("2026-11-23");
    expect(weekStart("tomorrow", "2026-11-23")).toBe("2026-11-23");
  });
});
