import { describe, expect, it } from "vitest";
import { isBad, readChecks } from "./checks";

describe("the result of the checks", () => {
  it("is read as far as it is there", () => {
    expect(readChecks({ camera: true, microphone: false, speaker: true, line: "ok" }, { verdict: "degraded" })).toEqual({ camera: true, microphone: false, speaker: true, line: "degraded", numbers: undefined });
    expect(readChecks({ camera: true, microphone: true, speaker: false, line: "failed" }, null).line).toBe("failed");
    expect(readChecks(undefined, "odd")).toEqual({ camera: undefined, microphone: undefined, speaker: undefined, line: undefined, numbers: undefined });
  });

  it("takes the last line check before an older one and the device's word", () => {
    const last = { at: "2026-12-01T00:00:00Z", verdict: "ok", loss_up_permille: 0, loss_down_permille: 0, direct_ok: true };
    const checks = readChecks({ camera: true, line: "failed" }, { verdict: "degraded" }, last);
    expect([checks.line, checks.numbers]).toEqual(["ok", last]);
    expect(readChecks({ line: "failed" }, null, null).line).toBe("failed");
  });

  it("is bad without picture, sound or line, not for an untried loudspeaker", () => {
    const good = { camera: true, microphone: true, speaker: false, line: "degraded", numbers: undefined };
    expect(isBad(good)).toBe(false);
    expect(isBad({ ...good, camera: false })).toBe(true);
    expect(isBad({ ...good, microphone: false })).toBe(true);
    expect(isBad({ ...good, line: "failed" })).toBe(true);
    expect(isBad(readChecks(null, null))).toBe(false);
  });
});
