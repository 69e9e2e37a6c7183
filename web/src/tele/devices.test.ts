import { describe, expect, it } from "vitest";
import { deviceOf, looksEmbedded, loudness, mediaFaultOf } from "./devices";

describe("a camera that cannot be had", () => {
  it("is sorted by what can be done", () => {
    const fault = (name: string) => mediaFaultOf(Object.assign(new Error(), { name }));
    expect(["NotAllowedError", "SecurityError"].map(fault)).toEqual(["denied", "denied"]);
    expect(fault("NotFoundError")).toBe("missing");
    expect(["NotReadableError", "AbortError"].map(fault)).toEqual(["busy", "busy"]);
    expect(mediaFaultOf(new TypeError("no media devices"))).toBe("unsupported");
    expect(mediaFaultOf("?")).toBe("unknown");
  });
});

describe("the browser's name", () => {
  const line = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari Line/13.1.0";
  const safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.0 Mobile Safari/604.1";
  const webview = "Mozilla/5.0 (Linux; Android 12; SO-51B; wv) AppleWebKit/537.36 Chrome/110.0 Mobile Safari/537.36";

  it("hints at apps that show pages inside", () => {
    expect([line, safari, webview].map(looksEmbedded)).toEqual([true, false, true]);
  });

  it("tells which help fits", () => {
    expect([line, webview, "Mozilla/5.0 (X11; Linux x86_64)"].map(deviceOf)).toEqual(["ios", "android", "other"]);
  });
});

describe("loudness", () => {
  it("is the root mean square", () => {
    expect(loudness(new Float32Array([0.5, -0.5, 0.5, -0.5]))).toBeCloseTo(0.5);
    expect(loudness(new Float32Array(8))).toBe(0);
    expect(loudness(new Float32Array(0))).toBe(0);
  });
});
