import type { Verdict } from "../../tele/line-check";
import type { Precheck } from "../../tele/messages";

/** What the line check has said so far. */
export type LineFound = "running" | "failed" | Verdict;

/** What is known of the devices and the line while they are looked at. */
export interface Looked {
  /** A voice, or any sound, came from the microphone. */
  heard: boolean;
  /** The browser lets the page listen; where it does not, silence says nothing. */
  listening: boolean;
  line: LineFound;
  speaker: boolean | undefined;
}

/** How long the check may keep somebody from the waiting room, in milliseconds. */
export const CHECK_MOST_MS = 12_000;

/** Whether there is nothing more to wait for. `late`: the time for the check is over. */
export function isDone({ heard, listening, line }: Looked, late: boolean): boolean {
  return late || (line !== "running" && (heard || !listening));
}

/** What the clinic is told. */
export function resultOf({ heard, listening, line, speaker }: Looked, stream: Pick<MediaStream, "getVideoTracks" | "getAudioTracks">): Precheck {
  const alive = (tracks: MediaStreamTrack[]) => tracks.some((track) => track.readyState === "live" && !track.muted);
  const verdict = line === "running" ? undefined : line === "failed" ? "failed" : line.verdict;
  return {
    camera: alive(stream.getVideoTracks()),
    microphone: heard || (!listening && alive(stream.getAudioTracks())),
    speaker: speaker === true,
    ...(verdict ? { line: verdict } : {}),
  };
}
