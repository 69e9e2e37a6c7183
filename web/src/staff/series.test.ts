import { describe, expect, it } from "vitest";
import { growthOf } from "./series";

describe("growth", () => {
  it("is never made up where the server gives none", () => {
    expect(growthOf({ growth: null, growth_reason: "series_break" })).toEqual({ kind: "break" });
    expect(growthOf({ growth: -0.129, growth_reason: "series_break" })).toEqual({ kind: "break" });
    expect(growthOf({ growth: null, growth_reason: "not_year_end" })).toEqual({ kind: "none" });
    expect(growthOf({ growth: 0.25, growth_reason: null })).toEqual({ kind: "value", pct: 25 });
    expect(growthOf({ growth: 0, growth_reason: null })).toEqual({ kind: "value", pct: 0 });
  });
});
