import { describe, expect, it } from "vitest";
import { qualityBetween, sample } from "./quality";

const reports = (frames: number, received: number, lost: number, bytes: number) => [
  { id: "T", type: "transport", selectedCandidatePairId: "P2" },
  { id: "P1", type: "candidate-pair", nominated: true, state: "succeeded", localCandidateId: "L1", currentRoundTripTime: 9 },
  { id: "P2", type: "candidate-pair", nominated: true, state: "succeeded", localCandidateId: "L2", currentRoundTripTime: 0.042 },
  { id: "L1", type: "local-candidate", candidateType: "host" },
  { id: "L2", type: "local-candidate", candidateType: "relay" },
  { id: "V", type: "inbound-rtp", kind: "video", framesDecoded: frames, packetsReceived: received, packetsLost: lost, bytesReceived: bytes, jitter: 0.004 },
  { id: "A", type: "inbound-rtp", kind: "audio", packetsReceived: 10, packetsLost: 0, bytesReceived: 100, jitter: 0.011 },
];

describe("the quality of a connection", () => {
  const first = sample(reports(100, 490, 0, 1000), 1_000);
  const second = sample(reports(200, 970, 20, 9000), 6_000);

  it("is read from the pair in use", () => {
    expect(first).toMatchObject({ framesDecoded: 100, received: 500, bytes: 1100, rttMs: 42, jitterMs: 11, relay: true });
  });

  it("is a rate over the time between", () => {
    expect(qualityBetween(first, second)).toEqual({ frames_decoded: 200, fps: 20, loss: 0.04, jitter_ms: 11, rtt_ms: 42, relay: true });
  });

  it("makes up no rate from one sample", () => {
    expect(qualityBetween(undefined, first)).toEqual({ frames_decoded: 100, jitter_ms: 11, rtt_ms: 42, relay: true });
  });

  it("works where no transport is reported", () => {
    const safari = reports(1, 1, 0, 1).filter((report) => report.type !== "transport").filter((report) => report.id !== "P1");
    expect(sample(safari, 0)).toMatchObject({ relay: true, rttMs: 42 });
    expect(sample([], 0)).toMatchObject({ framesDecoded: 0, relay: false, rttMs: undefined });
  });
});
