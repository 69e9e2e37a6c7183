import type { Caption } from "./captions";
import { emptyRoom, type Room } from "./room";
import type { Verdict } from "./score";
import type { SignalStatus } from "./signal";
import type { Seen } from "./stage";

export interface ChatLine {
  id: string;
  /** Who wrote it; the own ones have none. */
  from: string | undefined;
  text: string;
}

/** All that a screen of the visit shows. Never changed in place. */
export interface CallView {
  room: Room;
  signal: SignalStatus;
  /** State of the media connection; absent while there is none. */
  media: RTCPeerConnectionState | undefined;
  /** Nothing arrives, whatever the browser says of the connection. */
  still: boolean;
  /** What is seen and heard of each of the others. */
  seen: Record<string, Seen>;
  audio: boolean;
  video: boolean;
  /** The line bears no picture of ours: only the sound is sent. */
  spared: boolean;
  /** The own screen while it is shown to the others. */
  screen: MediaStreamTrack | undefined;
  /** How picture and sound come in here, and at each of the others. */
  verdict: Verdict | undefined;
  verdicts: Record<string, Verdict>;
  /** Four numbers that both ends of a direct connection have in common. */
  safety: number[] | undefined;
  chat: ChatLine[];
  captions: Caption[];
  /** The physician asked for quiet. */
  muteAsked: boolean;
  /** This side hung up. */
  left: boolean;
  /** Why the server sent us away, when it did. */
  bye: string | undefined;
  /** Why the server did not do what was last asked for, by its code. */
  refused: string | undefined;
}

export const emptyView: CallView = {
  room: emptyRoom, signal: "connecting", media: undefined, still: false, seen: {}, audio: true, video: true, spared: false, screen: undefined,
  verdict: undefined, verdicts: {}, safety: undefined, chat: [], captions: [], muteAsked: false, left: false, bye: undefined, refused: undefined,
};
