/** What one side knows of a connection at one moment, out of `getStats()`. */
export interface Sample {
  at: number;
  framesDecoded: number;
  bytes: number;
  lost: number;
  received: number;
  jitterMs: number | undefined;
  rttMs: number | undefined;
  relay: boolean;
}

/** The same over the time between two samples. */
export interface Quality {
  frames_decoded: number;
  fps?: number;
  loss?: number;
  jitter_ms?: number;
  rtt_ms?: number;
  relay: boolean;
}

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

/** Reads the reports of one connection. */
export function sample(reports: Report[], at: number): Sample {
  const inbound = reports.filter((one) => one.type === "inbound-rtp");
  const video = inbound.find((one) => one.kind === "video");
  const pair = pairOf(reports);
  const local = reports.find((one) => one.id !== undefined && one.id === pair?.localCandidateId);
  const sum = (name: string) => inbound.reduce((total, one) => total + (numberOf(one, name) ?? 0), 0);
  const jitters = inbound.map((one) => numberOf(one, "jitter")).filter((value) => value !== undefined);
  const rtt = numberOf(pair, "currentRoundTripTime");
  return {
    at,
    framesDecoded: numberOf(video, "framesDecoded") ?? 0,
    bytes: sum("bytesReceived"),
    lost: sum("packetsLost"),
    received: sum("packetsReceived"),
    jitterMs: jitters.length > 0 ? Math.max(...jitters) * 1000 : undefined,
    rttMs: rtt === undefined ? undefined : rtt * 1000,
    relay: local?.candidateType === "relay",
  };
}

/** What changed between two samples; rates need both. */
export function qualityBetween(before: Sample | undefined, now: Sample): Quality {
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  const lost = before ? Math.max(0, now.lost - before.lost) : 0;
  const received = before ? Math.max(0, now.received - before.received) : 0;
  return {
    frames_decoded: now.framesDecoded,
    ...(before && seconds > 0 ? { fps: Math.max(0, (now.framesDecoded - before.framesDecoded) / seconds) } : {}),
    ...(lost + received > 0 ? { loss: lost / (lost + received) } : {}),
    ...(now.jitterMs === undefined ? {} : { jitter_ms: now.jitterMs }),
    ...(now.rttMs === undefined ? {} : { rtt_ms: now.rttMs }),
    relay: now.relay,
  };
}

/** The samples of a connection now. */
export async function measure(connection: RTCPeerConnection): Promise<Sample> {
  const reports: Report[] = [];
  (await connection.getStats()).forEach((report: Report) => reports.push(report));
  return sample(reports, Date.now());
}
