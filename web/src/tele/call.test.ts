import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { client } from "../api/client";
import { sceneOf } from "../patient/visit/scene";
import { Call } from "./call";

interface FakeTrack {
  kind: string;
  enabled: boolean;
  stop: ReturnType<typeof vi.fn>;
}

const track = (kind: string, enabled = true): FakeTrack => ({ kind, enabled, stop: vi.fn() });

function streamOf(...tracks: FakeTrack[]): MediaStream {
  const of = (kind: string) => tracks.filter((one) => one.kind === kind);
  return { getTracks: () => tracks, getAudioTracks: () => of("audio"), getVideoTracks: () => of("video") } as unknown as MediaStream;
}

const make = (stream = streamOf(track("audio"), track("video")), side: "patient" | "clinic" = "patient"): Call => new Call({ booking: "b1", policy: "all", stream, side });

describe("microphone and camera", () => {
  it("are as they were left when somebody comes in again with them", () => {
    const stream = streamOf(track("audio"), track("video"));
    const before = make(stream);
    expect([before.view().audio, before.view().video]).toEqual([true, true]);
    before.setAudio(false);
    before.leave();
    const after = make(stream);
    expect([after.view().audio, after.view().video]).toEqual([false, true]);
    after.setAudio(true);
    expect(stream.getAudioTracks()[0]?.enabled).toBe(true);
  });

  it("are off for whoever has none", () => {
    const { audio, video } = make(streamOf()).view();
    expect([audio, video]).toEqual([false, false]);
  });
});

describe("a refused ticket", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  /** How often a ticket was asked for within two minutes, and how the call stands then. */
  async function refusedWith(problem: { status: number; code: string }, side: "patient" | "clinic" = "patient"): Promise<{ asked: number; call: Call }> {
    const post = vi.spyOn(client, "POST").mockResolvedValue({ error: problem, response: new Response(null, { status: problem.status }) });
    const call = make(undefined, side);
    call.start();
    await vi.advanceTimersByTimeAsync(120_000);
    const asked = post.mock.calls.length;
    post.mockRestore();
    call.stop();
    return { asked, call };
  }

  it("is not asked for again where the visit is over", async () => {
    const { asked, call } = await refusedWith({ status: 409, code: "too_late" });
    expect(asked).toBe(1);
    expect(sceneOf(call.view())).toBe("ended");
  });

  it("is asked for again where the time is still to come", async () => {
    expect((await refusedWith({ status: 409, code: "too_early" })).asked).toBeGreaterThan(5);
  });

  it("tells whoever was sent out so", async () => {
    const { asked, call } = await refusedWith({ status: 403, code: "removed" });
    expect(asked).toBe(1);
    expect(sceneOf(call.view())).toBe("removed");
  });

  it("does not tell whoever is signed out that the visit is over", async () => {
    for (const side of ["patient", "clinic"] as const) {
      const { asked, call } = await refusedWith({ status: 401, code: "signed_out" }, side);
      expect([asked, call.view().bye, sceneOf(call.view())]).toEqual([1, "signed_out", "signed_out"]);
    }
  });

  it("says nothing more to whom the visit does not belong", async () => {
    const { asked, call } = await refusedWith({ status: 403, code: "forbidden" });
    expect([asked, call.view().bye]).toEqual([1, undefined]);
  });
});

describe("the screen that is shown", () => {
  /** What the person chooses in each picker, once they do. */
  let pickers: ((chosen: FakeTrack | undefined) => void)[];

  beforeEach(() => {
    pickers = [];
    const getDisplayMedia = () => new Promise<MediaStream>((choose, cancel) => {
      pickers.push((chosen) => { if (chosen) choose(streamOf(chosen)); else cancel(new Error("cancelled")); });
    });
    vi.stubGlobal("navigator", { mediaDevices: { getDisplayMedia } });
  });
  afterEach(() => { vi.unstubAllGlobals(); });

  it("is the one that was chosen, until it is put away", async () => {
    const [call, chosen] = [make(), track("video")];
    const shown = call.setScreen(true);
    pickers[0]?.(chosen);
    await shown;
    expect(call.view().screen).toBe(chosen);
    expect(chosen.stop).not.toHaveBeenCalled();
    await call.setScreen(false);
    expect(call.view().screen).toBeUndefined();
    expect(chosen.stop).toHaveBeenCalledTimes(1);
  });

  it("is none that was chosen when the visit was over", async () => {
    const [call, chosen] = [make(), track("video")];
    const shown = call.setScreen(true);
    call.stop();
    pickers[0]?.(chosen);
    await shown;
    expect(chosen.stop).toHaveBeenCalledTimes(1);
    expect(call.view().screen).toBeUndefined();
  });

  it("is put away when the server does not want this side back", async () => {
    vi.useFakeTimers();
    const problem = { status: 403, code: "forbidden" };
    vi.spyOn(client, "POST").mockResolvedValue({ error: problem, response: new Response(null, { status: 403 }) });
    const [call, chosen] = [make(), track("video")];
    const shown = call.setScreen(true);
    pickers[0]?.(chosen);
    await shown;
    call.start();
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    expect(call.view()).toMatchObject({ signal: "over", screen: undefined });
    expect(chosen.stop).toHaveBeenCalledTimes(1);
    call.stop();
  });

  it("is one where the button was pressed twice, whatever is chosen last", async () => {
    const [call, first, second] = [make(), track("video"), track("video")];
    const shown = [call.setScreen(true), call.setScreen(true), call.setScreen(true)];
    pickers[0]?.(first);
    await shown[0];
    pickers[1]?.(second);
    pickers[2]?.(undefined);
    await Promise.all(shown);
    expect(call.view().screen).toBe(first);
    expect([first.stop, second.stop].map((stop) => stop.mock.calls.length)).toEqual([0, 1]);
  });
});
