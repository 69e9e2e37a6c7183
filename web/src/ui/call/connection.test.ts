import { describe, expect, it } from "vitest";
import { emptyView } from "../../tele/view";
import { troubleOf } from "./connection";

const seen = { doc: { camera: {} as MediaStream } };
const view = { ...emptyView, signal: "ready" as const, seen };

describe("trouble with a call", () => {
  it("is told by the worst of it", () => {
    expect(troubleOf({ ...view, media: "connected" })).toBe("none");
    expect(troubleOf({ ...view, media: "connected", signal: "away" })).toBe("signal");
    expect(troubleOf({ ...view, media: "disconnected", signal: "away" })).toBe("media");
    expect(troubleOf({ ...view, media: "failed" })).toBe("media");
    expect(troubleOf({ ...view, media: "connecting", seen: {} })).toBe("starting");
    expect(troubleOf({ ...view, media: "connecting" })).toBe("media");
    expect(troubleOf({ ...view, seen: {} })).toBe("none");
  });

  it("is noticed by what no longer arrives, before the browser says so", () => {
    expect(troubleOf({ ...view, media: "connected", still: true })).toBe("media");
  });

  it("is also a line that bears only the sound, or hardly that", () => {
    expect(troubleOf({ ...view, media: "connected", spared: true, verdict: "poor" })).toBe("spared");
    expect(troubleOf({ ...view, media: "connected", verdict: "poor" })).toBe("weak");
    expect(troubleOf({ ...view, media: "connected", verdict: "fair" })).toBe("none");
  });
});
