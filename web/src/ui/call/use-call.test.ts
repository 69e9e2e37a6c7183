import { renderHook } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Call, type CallOptions } from "../../tele/call";
import { useCall } from "./use-call";

const streamOf = (): MediaStream => ({ getAudioTracks: () => [], getVideoTracks: () => [] }) as unknown as MediaStream;

const options = (part: Partial<CallOptions> & Pick<CallOptions, "stream">): CallOptions => ({ booking: "b1", policy: "all", side: "patient", ...part });

describe("taking part in a visit", () => {
  let [start, stop] = [vi.fn(), vi.fn()];
  beforeEach(() => {
    start = vi.spyOn(Call.prototype, "start").mockReturnValue();
    stop = vi.spyOn(Call.prototype, "stop").mockReturnValue();
  });

  it("goes on as it began where the clinic changes the way of its media", () => {
    const stream = streamOf();
    const { result, rerender, unmount } = renderHook(useCall, { initialProps: options({ stream }) });
    const { call } = result.current;
    rerender(options({ stream, policy: "relay", precheck: { camera: true, microphone: true, speaker: true } }));
    expect(result.current.call).toBe(call);
    expect([start.mock.calls.length, stop.mock.calls.length]).toEqual([1, 0]);
    unmount();
    expect(stop).toHaveBeenCalledTimes(1);
  });

  it("begins anew with another camera", () => {
    const { result, rerender } = renderHook(useCall, { initialProps: options({ stream: streamOf() }) });
    const { call } = result.current;
    rerender(options({ stream: streamOf() }));
    expect(result.current.call).not.toBe(call);
    expect([start.mock.calls.length, stop.mock.calls.length]).toEqual([2, 1]);
  });
});
