/**
 * The messages of `tele.v1`, as the server writes and reads them: JSON texts with their kind in `t`.
 * Client to server carries an `id` and may carry an `ack`; server to client a `seq`, but for what is not worth repeating.
 */

export type Role = "clinician" | "staff" | "patient" | "family_proxy" | "nurse" | "specialist" | "interpreter" | "observer";
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
  screen?: boolean | null;
  hand?: boolean | null;
  screen_mid?: string | null;
  video_off_by?: "user" | "line" | null;
}

export interface Waiting {
  participant: string;
  name?: string | null;
  role?: Role | null;
  since?: string | null;
  precheck?: Precheck | null;
  /** Asked for more patience. */
  held?: boolean | null;
  /** The patient was asked whether they may come in. */
  asked?: boolean | null;
}

/** The own place among those whom the clinician sees today. */
export interface QueuePlace {
  position: number;
  ahead: number;
  expected_at?: string | null;
  late_min?: number | null;
}

export interface PeerLink {
  participant: string;
  /** Changes when the connection has to be built anew; while it stays, media stay. */
  pc: string;
  /** Whether this side gives way when both offer at once. */
  polite: boolean;
}

export interface Topology {
  mode: "none" | "p2p" | "room";
  epoch: number;
  /** In a forwarding room all of them have the one connection's name, and this side offers. */
  peers: PeerLink[];
  /** Connections that stay until the new ones carry pictures, by name. */
  keep?: string[] | null;
  /** The most that a page should send of its camera. */
  video?: { width: number; height: number; fps: number; kbps: number } | null;
}

/** One track of the forwarding room. */
export interface RoomTrack {
  mid: string;
  participant: string;
  kind: "audio" | "video" | "screen";
}

export interface Snapshot {
  state: VisitState;
  participants: Participant[];
  waiting?: Waiting[] | null;
  topology: Topology;
  admission: Admission;
  position?: number | null;
  place?: QueuePlace | null;
}

export interface Limits {
  sdp_frame_bytes: number;
  frame_bytes: number;
  sdp_bytes: number;
  media_lines: number;
  candidate_bytes: number;
  candidates: number;
  chat_chars: number;
  caption_chars: number;
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

export interface MediaState {
  audio: boolean;
  video: boolean;
  screen?: boolean;
  hand?: boolean;
  screen_mid?: string;
  video_off_by?: "user" | "line";
}

export interface QualityReport {
  pc: string;
  rtt_ms?: number;
  loss?: number;
  jitter_ms?: number;
  fps?: number;
  relay?: boolean;
  frames_decoded?: number;
  audio_ok?: boolean;
  failed?: boolean;
  from?: { participant: string; frames_decoded: number }[];
  score?: number;
}

export type ClientMessage =
  | { t: "hello"; ticket: string; tab: string; caps: string[] }
  | { t: "hello"; resume: { token: string; last_seq: number }; tab: string; caps: string[] }
  | { t: "knock" }
  | { t: "precheck"; result: Precheck }
  | { t: "admit"; participant: string }
  | { t: "deny"; participant: string }
  | { t: "hold"; participant: string }
  | { t: "consent"; participant: string; yes: boolean }
  | { t: "sdp"; to?: string; pc: string; neg: number; desc: Description }
  | { t: "ice"; to?: string; pc: string; neg: number; cands: Candidate[]; end?: boolean }
  | { t: "ready"; pc: string }
  | ({ t: "state" } & MediaState)
  | ({ t: "quality" } & QualityReport)
  | { t: "chat"; text: string; client_id: string }
  | { t: "caption"; text: string; lang: string; final: boolean }
  | { t: "remove"; participant: string }
  | { t: "mute_request"; participant: string }
  | { t: "end"; reason?: string }
  | { t: "leave" }
  | { t: "turn" }
  | { t: "ack" }
  | { t: "ping"; ts: number };

export type ServerMessage =
  | { t: "welcome"; resume_token: string; self: { participant: string; role: Role; caps: string[] }; limits: Limits; grace_s: number; ping_s: number; ice_servers: IceServerInfo[]; policy: "all" | "relay"; snapshot: Snapshot }
  | { t: "resumed"; continuity: boolean; resume_token: string; ice_servers: IceServerInfo[]; snapshot?: Snapshot | null }
  | { t: "snapshot"; snapshot: Snapshot }
  | ({ t: "waiting"; event: "entered" | "updated" | "left"; position?: number | null } & Waiting)
  | ({ t: "place" } & QueuePlace)
  | { t: "consent_request"; participant: string; name: string; role: Role }
  | { t: "admitted"; participant: string }
  | { t: "denied"; participant: string }
  | { t: "held"; participant: string }
  | ({ t: "participant"; event: "joined" | "updated" | "reconnecting" | "left" } & Participant)
  | ({ t: "topology" } & Topology)
  | { t: "tracks"; tracks: RoomTrack[] }
  | { t: "sdp"; from?: string | null; pc: string; neg: number; desc: Description }
  | { t: "ice"; from?: string | null; pc: string; neg: number; cands: Candidate[]; end?: boolean | null }
  | ({ t: "state"; from: string } & MediaState)
  | ({ t: "quality"; from: string } & Omit<QualityReport, "from">)
  | { t: "chat"; from: string; text: string; client_id?: string | null }
  | { t: "caption"; from: string; text: string; lang: string; final: boolean }
  | { t: "moderation"; kind: "mute_request" }
  | { t: "ring" }
  | { t: "late"; minutes: number; expected_at?: string | null }
  | { t: "visit"; state: VisitState }
  | { t: "ice_servers"; ice_servers: IceServerInfo[] }
  | { t: "pong"; ts?: number | null }
  | { t: "error"; re?: number | null; code: string; fatal?: boolean | null; retry_after_ms?: number | null }
  | { t: "bye"; code: string; reason?: string | null; reconnect: "resume" | "rejoin" | "never"; url?: string | null };

const KINDS: ReadonlySet<string> = new Set<ServerMessage["t"]>([
  "welcome", "resumed", "snapshot", "waiting", "place", "consent_request", "admitted", "denied", "held", "participant", "topology", "tracks", "sdp", "ice",
  "state", "quality", "chat", "caption", "moderation", "ring", "late", "visit", "ice_servers", "pong", "error", "bye",
]);

/** Reads a frame. Undefined for what is no message of ours: an unknown kind is not an error, it is from a newer server. */
export function readMessage(frame: unknown): (ServerMessage & { seq?: number }) | undefined {
  if (typeof frame !== "string") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("t" in value)) return undefined;
  // The server is ours and its messages are tested against this file; only the kind is looked at here.
  return typeof value.t === "string" && KINDS.has(value.t) ? (value as ServerMessage & { seq?: number }) : undefined;
}
