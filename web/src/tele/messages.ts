/**
 * The messages of `tele.v1`, as the server writes and reads them: JSON texts with their kind in `t`.
 * Client to server carries an `id`, server to client a `seq`.
 */

export type Role = "patient" | "clinician" | "staff";
export type Admission = "none" | "waiting" | "admitted" | "denied";
export type VisitState = "scheduled" | "open" | "in_progress" | "ended";

export interface Participant {
  participant: string;
  role: Role;
  name?: string | null;
  /** Where he is: waiting people are seen by clinicians only. */
  state?: "waiting" | "joined" | "reconnecting" | "left" | null;
  audio?: boolean | null;
  video?: boolean | null;
}

export interface Waiting {
  participant: string;
  name?: string | null;
  since?: string | null;
  precheck?: Precheck | null;
}

export interface PeerLink {
  participant: string;
  /** Changes when the connection has to be built anew; while it stays, media stay. */
  pc: string;
  /** Whether this side gives way when both offer at once. */
  polite: boolean;
}

export interface Topology {
  mode: "p2p" | "sfu" | "none";
  epoch: number;
  peers: PeerLink[];
}

export interface Snapshot {
  state: VisitState;
  participants: Participant[];
  waiting?: Waiting[] | null;
  topology: Topology;
  admission: Admission;
  position?: number | null;
}

export interface IceServerInfo {
  urls: string[];
  username?: string | null;
  credential?: string | null;
}

export interface Precheck {
  camera: boolean;
  microphone: boolean;
  speaker: boolean;
  line?: "ok" | "degraded" | "failed" | null;
}

export interface Description {
  type: "offer" | "answer";
  sdp: string;
}

export interface Candidate {
  candidate: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
  usernameFragment?: string | null;
}

export type ClientMessage =
  | { t: "hello"; ticket: string; tab: string; caps: string[] }
  | { t: "knock" }
  | { t: "precheck"; result: Precheck }
  | { t: "admit"; participant: string }
  | { t: "deny"; participant: string }
  | { t: "sdp"; to: string; pc: string; neg: number; desc: Description }
  | { t: "ice"; to: string; pc: string; neg: number; cands: Candidate[]; end?: boolean }
  | { t: "state"; audio: boolean; video: boolean }
  | { t: "quality"; pc: string; rtt_ms?: number; loss?: number; jitter_ms?: number; fps?: number; relay: boolean; frames_decoded: number }
  | { t: "chat"; text: string; client_id: string }
  | { t: "end"; reason?: string }
  | { t: "leave" }
  | { t: "turn" }
  | { t: "ping"; ts: number };

export type ServerMessage =
  | { t: "welcome"; self: { participant: string; role: Role }; ping_s: number; ice_servers: IceServerInfo[]; snapshot: Snapshot }
  | { t: "snapshot"; snapshot: Snapshot }
  | { t: "waiting"; event: "entered" | "updated" | "left"; participant: string; name?: string | null; since?: string | null; position?: number | null; precheck?: Precheck | null }
  | { t: "admitted"; participant: string }
  | { t: "denied"; participant: string }
  | ({ t: "participant"; event: "joined" | "updated" | "reconnecting" | "left" } & Participant)
  | ({ t: "topology" } & Topology)
  | { t: "sdp"; from: string; pc: string; neg: number; desc: Description }
  | { t: "ice"; from: string; pc: string; neg: number; cands: Candidate[]; end?: boolean | null }
  | { t: "state"; from: string; audio: boolean; video: boolean }
  | { t: "chat"; from: string; text: string; client_id?: string | null }
  | { t: "visit"; state: VisitState }
  | { t: "ice_servers"; ice_servers: IceServerInfo[] }
  | { t: "pong"; ts?: number | null }
  | { t: "error"; code: string; fatal?: boolean | null; retry_after_ms?: number | null }
  | { t: "bye"; code: string; reason?: string | null; reconnect: "resume" | "rejoin" | "never" };

const KINDS: ReadonlySet<string> = new Set<ServerMessage["t"]>([
  "welcome", "snapshot", "waiting", "admitted", "denied", "participant", "topology", "sdp", "ice", "state", "chat", "visit", "ice_servers", "pong", "error", "bye",
]);

/** Reads a frame. Undefined for what is no message of ours: an unknown kind is not an error, it is from a newer server. */
export function readMessage(frame: unknown): ServerMessage | undefined {
  if (typeof frame !== "string") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("t" in value)) return undefined;
  // The server is ours and its messages are tested against this file; only the kind is looked at here.
  return typeof value.t === "string" && KINDS.has(value.t) ? (value as ServerMessage) : undefined;
}
