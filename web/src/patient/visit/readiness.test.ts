import { expect, test } from "vitest";
import { isDone, type Looked, resultOf } from "./readiness";

const ok: Looked = { heard: true, listening: true, line: { verdict: "ok" } as Looked["line"], speaker: undefined };
const track = (readyState: "live" | "ended", muted = false) => ({ readyState, muted }) as MediaStreamTrack;
const stream = (video: MediaStreamTrack[], audio: MediaStreamTrack[]) => ({ getVideoTracks: () => video, getAudioTracks: () => audio });

test("the check is over when all of it is known, or after its time", () => {
  expect(isDone(ok, false)).toBe(true);
  expect(isDone({ ...ok, line: "running" }, false)).toBe(false);
  expect(isDone({ ...ok, heard: false }, false)).toBe(false);
  expect(isDone({ ...ok, heard: false, line: "running" }, true)).toBe(true);
  // Where the page may not listen, silence is no reason to wait.
  expect(isDone({ ...ok, heard: false, listening: false }, false)).toBe(true);
});

test("the clinic is told what was found, and of a silent microphone", () => {
  const devices = stream([track("live")], [track("live")]);
  expect(resultOf(ok, devices)).toEqual({ camera: true, microphone: true, speaker: false, line: "ok" });
  expect(resultOf({ ...ok, heard: false }, devices).microphone).toBe(false);
  expect(resultOf({ ...ok, heard: false, listening: false }, devices).microphone).toBe(true);
  expect(resultOf({ ...ok, heard: false, listening: false }, stream([], [track("live", true)]))).toMatchObject({ camera: false, microphone: false });
  expect(resultOf({ ...ok, line: "running" }, devices)).not.toHaveProperty("line");
  expect(resultOf({ ...ok, line: "failed", speaker: true }, devices)).toMatchObject({ line: "failed", speaker: true });
});
