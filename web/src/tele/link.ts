import type { Candidate, Description, RoomTrack } from "./messages";

/** What a person sends, each at most once: voice, face, screen. */
export type Kind = "audio" | "video" | "screen";

/** What a connection tells of itself. */
export interface LinkEvents {
  /** Something arrives from a person. The track stays the same when it pauses; whether it is switched on is told in messages. */
  onTrack: (participant: string, kind: Kind, track: MediaStreamTrack) => void;
  onConnection: (state: RTCPeerConnectionState) => void;
  /** It has to be built anew: it was restarted in vain, again and again, or does not survive what was negotiated. */
  onExhausted: () => void;
}

/**
 * One connection of this page, negotiated over the socket: to one other person (`Peer`), or to the forwarding room in
 * which all others are (`RoomPeer`).
 */
export interface Link {
  /** Its name in every message. */
  readonly pc: string;
  readonly connection: RTCPeerConnection;
  /** A description from the other end. */
  describe: (neg: number, description: Description) => void;
  addCandidates: (neg: number, candidates: Candidate[]) => void;
  /** The signaling came back, or the other end did: says again what may have been lost. */
  resync: () => void;
  /** Looks for a new way, not more often than every five seconds. */
  restart: () => void;
  /** Sends this track as the one of its kind from now on; without one nothing of the kind is sent. */
  send: (kind: Kind, track: MediaStreamTrack | undefined) => Promise<void>;
  /** Where what this side sends of a kind can be throttled. */
  sender: (kind: Kind) => RTCRtpSender | undefined;
  /** Whose media arrive under this media section; undefined for one that nobody uses. */
  ownerOf: (mid: string) => string | undefined;
  /** A forwarding room says whose media come under which section. */
  assign?: (tracks: RoomTrack[]) => void;
  close: () => void;
}

/** Counts restarts: no more than one in five seconds, and after six in two minutes the connection is given up. */
export class Restarts {
  static readonly GAP_MS = 5_000;
  static readonly SPAN_MS = 120_000;
  static readonly MOST = 6;
  #times: number[] = [];
  #last: number | undefined;

  /** Milliseconds until the next one may be; 0 when it may be now. */
  wait(now: number): number {
    return this.#last === undefined ? 0 : Math.max(0, this.#last + Restarts.GAP_MS - now);
  }

  /** The other side did one: this side's would only undo it. */
  others(now: number): void {
    this.#last = now;
  }

  /** Notes one; false when there were too many. */
  note(now: number): boolean {
    this.#times = this.#times.filter((time) => now - time < Restarts.SPAN_MS);
    if (this.#times.length >= Restarts.MOST) return false;
    this.#times.push(now);
    this.#last = now;
    return true;
  }
}
