import { describe, expect, it } from "vitest";
import { concealedBetween, qualityBetween, sample } from "./quality";

const reports = (frames: number, received: number, lost: number, bytes: number) => [
  { id: "T", type: "transport", selectedCandidatePairId: "P2" },
  { id: "P1", type: "candidate-pair", nominated: true, state: "succeeded", localCandidateId: "L1", currentRoundTripTime: 9 },
  { id: "P2", type: "candidate-pair", nominated: true, state: "succeeded", localCandidateId: "L2", currentRoundTripTime: 0.042, availableOutgoingBitrate: 512_000 },
  { id: "L1", type: "local-candidate", candidateType: "host" },
  { id: "L2", type: "local-candidate", candidateType: "relay" },
  { id: "V", type: "inbound-rtp", kind: "video", mid: "1", framesDecoded: frames, packetsReceived: received, packetsLost: lost, bytesReceived: bytes, jitter: 0.004 },
  { id: "A", type: "inbound-rtp", kind: "audio", packetsReceived: 10, packetsLost: 0, bytesReceived: 100, jitter: 0.011, totalSamplesReceived: received * 100, concealedSamples: lost * 500, silentConcealedSamples: lost * 100 },
  { id: "R", type: "remote-inbound-rtp", kind: "video", fractionLost: 0.125 },
];

describe("the quality of a connection", () => {
  const first = sample(reports(100, 490, 0, 1000), 1_000);
  const second = sample(reports(200, 970, 20, 9000), 6_000);

  it("is read from the pair in use", () => {
    expect(first).toMatchObject({ framesDecoded: 100, received: 500, arrived: 1100, rttMs: 42, jitterMs: 11, relay: true, outgoingKbps: 512, remoteLoss: 0.125, framesByMid: { 1: 100 } });
  });

  it("is a rate over the time between", () => {
    expect(qualityBetween(first, second)).toEqual({ frames_decoded: 200, fps: 20, loss: 0.04, jitter_ms: 11, rtt_ms: 42, audio_ok: true, relay: true });
  });

  it("counts sound that had to be made up, but not made-up silence", () => {
    expect(concealedBetween(first, second)).toBeCloseTo((20 * 400) / (480 * 100));
    expect(concealedBetween(first, first)).toBeUndefined();
    expect(qualityBetween(first, sample(reports(200, 500, 200, 9000), 6_000)).audio_ok).toBe(false);
    expect(qualityBetween(first, sample(reports(200, 490, 0, 9000), 6_000)).audio_ok).toBe(false);
  });

  it("counts everything that arrives, not only pictures and sound", () => {
    const whole = reports(1, 1, 0, 1).map((report) => (report.type === "transport" ? { ...report, bytesReceived: 5000 } : report));
    expect(sample(whole, 0).arrived).toBe(5000);
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
