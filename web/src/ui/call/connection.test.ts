import { describe, expect, it } from "vitest";
import { troubleOf } from "./connection";

const remote = {} as MediaStream;

describe("trouble with a call", () => {
  it("is told by the worst of it", () => {
    expect(troubleOf({ media: "connected", signal: "ready", remote })).toBe("none");
    expect(troubleOf({ media: "connected", signal: "away", remote })).toBe("signal");
    expect(troubleOf({ media: "disconnected", signal: "away", remote })).toBe("media");
    expect(troubleOf({ media: "failed", signal: "ready", remote })).toBe("media");
    expect(troubleOf({ media: "connecting", signal: "ready", remote: undefined })).toBe("starting");
    expect(troubleOf({ media: "connecting", signal: "ready", remote })).toBe("media");
    expect(troubleOf({ media: undefined, signal: "ready", remote: undefined })).toBe("none");
  });
});
