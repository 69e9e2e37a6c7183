import { describe, expect, it } from "vitest";
import { waitBefore } from "./backoff";

describe("waits before a new attempt", () => {
  it("grow to seven seconds and stay there", () => {
    expect([0, 1, 2, 3, 4, 5, 6, 100].map((attempt) => waitBefore(attempt, 0.5))).toEqual([0, 300, 1200, 2700, 4800, 7000, 7000, 7000]);
  });

  it("stray by thirty percent at most", () => {
    expect(waitBefore(5, 0)).toBe(4900);
    expect(waitBefore(5, 0.999999)).toBe(9100);
  });
});
