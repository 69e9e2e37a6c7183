import { describe, expect, it } from "vitest";
import { isBad, readChecks } from "./checks";

describe("the result of the checks", () => {
  it("is read as far as it is there", () => {
    expect(readChecks({ camera: true, microphone: false, speaker: true, line: "ok" }, { verdict: "degraded" })).toEqual({ camera: true, microphone: false, speaker: true, line: "degraded" });
    expect(readChecks({ camera: true, microphone: true, speaker: false, line: "failed" }, null).line).toBe("failed");
    expect(readChecks(undefined, "odd")).toEqual({ camera: undefined, microphone: undefined, speaker: undefined, line: undefined });
  });

  it("is bad without picture, sound or line, not for an untried loudspeaker", () => {
    const good = { camera: true, microphone: true, speaker: false, line: "degraded" };
    expect(isBad(good)).toBe(false);
    expect(isBad({ ...good, camera: false })).toBe(true);
    expect(isBad({ ...good, microphone: false })).toBe(true);
    expect(isBad({ ...good, line: "failed" })).toBe(true);
    expect(isBad(readChecks(null, null))).toBe(false);
  });
});
