import type { QualityReport } from "./messages";

/** What one side knows of a connection at one moment, out of `getStats()`. */
export interface Sample {
  at: number;
  framesDecoded: number;
  /** Pictures decoded so far, by media section: in a forwarding room each belongs to another person. */
  framesByMid: Record<string, number>;
  /** Everything that arrived, in bytes. */
  arrived: number;
  lost: number;
  received: number;
  /** Sound that was played, in samples, and how much of it had to be made up. */
  played: number;
  concealed: number;
  jitterMs: number | undefined;
  rttMs: number | undefined;
  /** What the browser thinks it can send, in kbit/s. */
  outgoingKbps: number | undefined;
  /** Part of what we send that the other end says it lost, from 0 to 1. */
  remoteLoss: number | undefined;
  relay: boolean;
}

/** What is measured of a connection over the time between two samples, beside its name. */
export type Quality = Pick<QualityReport, "rtt_ms" | "loss" | "jitter_ms" | "fps" | "audio_ok"> & { relay: boolean; frames_decoded: number };

type Report = Record<string, unknown>;

const numberOf = (report: Report | undefined, name: string): number | undefined => {
  const value = report?.[name];
  return typeof value === "number" ? value : undefined;
};

/** The candidate pair that carries the media: named by the transport, or (Safari, Firefox) the nominated one. */
function pairOf(reports: Report[]): Report | undefined {
  const transport = reports.find((one) => one.type === "transport" && typeof one.selectedCandidatePairId === "string");
  const named = reports.find((one) => one.id !== undefined && one.id === transport?.selectedCandidatePairId);
  return named ?? reports.find((one) => one.type === "candidate-pair" && one.nominated === true && one.state === "succeeded");
}

const most = (values: (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
};

/** Reads the reports of one connection. */
export function sample(reports: Report[], at: number): Sample {
  const inbound = reports.filter((one) => one.type === "inbound-rtp");
  const videos = inbound.filter((one) => one.kind === "video");
  const pair = pairOf(reports);
  const local = reports.find((one) => one.id !== undefined && one.id === pair?.localCandidateId);
  const sum = (name: string, of = inbound) => of.reduce((total, one) => total + (numberOf(one, name) ?? 0), 0);
  const whole = reports.filter((one) => one.type === "transport");
  const rtt = numberOf(pair, "currentRoundTripTime");
  const outgoing = numberOf(pair, "availableOutgoingBitrate");
  const jitter = most(inbound.map((one) => numberOf(one, "jitter")));
  return {
    at,
    framesDecoded: sum("framesDecoded", videos),
    framesByMid: Object.fromEntries(videos.map((one) => [String(one.mid), numberOf(one, "framesDecoded") ?? 0])),
    arrived: Math.max(sum("bytesReceived", whole), sum("bytesReceived")),
    lost: sum("packetsLost"),
    received: sum("packetsReceived"),
    played: sum("totalSamplesReceived"),
    concealed: Math.max(0, sum("concealedSamples") - sum("silentConcealedSamples")),
    jitterMs: jitter === undefined ? undefined : jitter * 1000,
    rttMs: rtt === undefined ? undefined : rtt * 1000,
    outgoingKbps: outgoing === undefined ? undefined : outgoing / 1000,
    remoteLoss: most(reports.filter((one) => one.type === "remote-inbound-rtp").map((one) => numberOf(one, "fractionLost"))),
    relay: local?.candidateType === "relay",
  };
}

/** Part of the sound between two samples that had to be made up; undefined when none was played. */
export function concealedBetween(before: Sample | undefined, now: Sample): number | undefined {
  const played = now.played - (before?.played ?? 0);
  return played > 0 ? Math.min(1, Math.max(0, now.concealed - (before?.concealed ?? 0)) / played) : undefined;
}

/** What changed between two samples; rates need both. */
export function qualityBetween(before: Sample | undefined, now: Sample): Quality {
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  const lost = before ? Math.max(0, now.lost - before.lost) : 0;
  const received = before ? Math.max(0, now.received - before.received) : 0;
  const concealed = before ? concealedBetween(before, now) : undefined;
  return {
    frames_decoded: now.framesDecoded,
    ...(before && seconds > 0 ? { fps: Math.max(0, (now.framesDecoded - before.framesDecoded) / seconds) } : {}),
    ...(lost + received > 0 ? { loss: lost / (lost + received) } : {}),
    ...(now.jitterMs === undefined ? {} : { jitter_ms: now.jitterMs }),
    ...(now.rttMs === undefined ? {} : { rtt_ms: now.rttMs }),
    ...(before ? { audio_ok: concealed !== undefined && concealed < 0.5 } : {}),
    relay: now.relay,
  };
}

/** The samples of a connection now. */
export async function measure(connection: RTCPeerConnection, now = Date.now()): Promise<Sample> {
  const reports: Report[] = [];
  (await connection.getStats()).forEach((report: Report) => reports.push(report));
  return sample(reports, now);
}
