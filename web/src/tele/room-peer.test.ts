import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClientMessage } from "./messages";
import { OTHERS, RoomPeer } from "./room-peer";

class FakeTransceiver {
  mid: string | null = null;
  sent: (string | null)[] = [];
  sender = { replaceTrack: (track: { id: string } | null) => { this.sent.push(track?.id ?? null); return Promise.resolve(); } };
  receiver: { track: { kind: string; id: string } };
  constructor(readonly kind: string, readonly direction: string, at: number) {
    this.receiver = { track: { kind, id: `track ${at}` } };
  }
}

/** The part of a peer connection's states that negotiation turns on; after the W3C text, not after our code. */
class FakeConnection {
  signalingState: RTCSignalingState = "stable";
  connectionState: RTCPeerConnectionState = "new";
  localDescription: { type: string; sdp: string } | null = null;
  remote: string[] = [];
  restarts = 0;
  transceivers: FakeTransceiver[] = [];
  onnegotiationneeded: (() => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  #offers = 0;
  constructor() {
    made.push(this);
    queueMicrotask(() => this.onnegotiationneeded?.());
  }
  addTransceiver(what: string | { kind: string }, { direction }: { direction: string }): FakeTransceiver {
    const one = new FakeTransceiver(typeof what === "string" ? what : what.kind, direction, this.transceivers.length);
    this.transceivers.push(one);
    return one;
  }
  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }
  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    this.#offers += 1;
    this.localDescription = { type: "offer", sdp: `offer-${this.#offers}` };
    this.signalingState = "have-local-offer";
    for (const [at, one] of this.transceivers.entries()) one.mid = String(at);
  }
  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    await Promise.resolve();
    this.remote.push(sdp);
    this.signalingState = "stable";
  }
  restartIce(): void {
    this.restarts += 1;
    this.onnegotiationneeded?.();
  }
  becomes(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
  close(): void {
    this.signalingState = "closed";
    this.connectionState = "closed";
  }
}

const made: FakeConnection[] = [];
const stream = {
  getAudioTracks: () => [{ kind: "audio", id: "voice" }],
  getVideoTracks: () => [{ kind: "video", id: "face" }],
} as unknown as MediaStream;

function peer() {
  const sent: ClientMessage[] = [];
  const arrived: string[] = [];
  const exhausted = vi.fn();
  const one = new RoomPeer({
    pc: "room:a:1:2",
    configuration: {},
    stream,
    send: (message) => { sent.push(message); },
    onTrack: (who, kind, track) => { arrived.push(`${who} ${kind} ${track.id}`); },
    onConnection: () => { /* not looked at */ },
    onExhausted: exhausted,
  });
  const connection = made.at(-1);
  if (!connection) throw new Error("no connection");
  return { one, sent, arrived, exhausted, connection };
}

const settle = async () => { for (let turn = 0; turn < 20; turn += 1) await Promise.resolve(); };
const offers = (sent: ClientMessage[]) => sent.map((message) => message.t === "sdp" ? `${message.neg} ${message.desc.sdp} ${message.to ?? "room"}` : message.t);

beforeEach(() => {
  vi.useFakeTimers();
  made.length = 0;
  vi.stubGlobal("RTCPeerConnection", FakeConnection);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the connection to the forwarding room", () => {
  it("offers three streams up and slots for all who may ever come", async () => {
    const { sent, connection } = peer();
    await settle();
    const form = connection.transceivers.map(({ kind, direction }) => `${kind} ${direction}`);
    expect(form).toEqual([
      "audio sendonly", "video sendonly", "video sendonly",
      ...Array.from({ length: OTHERS }, () => "audio recvonly"), ...Array.from({ length: OTHERS + 1 }, () => "video recvonly"),
    ]);
    expect(offers(sent)).toEqual(["1 offer-1 room"]);
  });

  it("takes the answer to its last offer, and says an offer again that is not answered", async () => {
    const { one, sent, connection } = peer();
    await settle();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(offers(sent)).toEqual(["1 offer-1 room", "2 offer-1 room"]);
    one.describe(1, { type: "answer", sdp: "too late" });
    one.describe(2, { type: "answer", sdp: "answer" });
    one.describe(2, { type: "answer", sdp: "again" });
    await settle();
    expect(connection.remote).toEqual(["answer"]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sent).toHaveLength(2);
  });

  it("never answers, as the room never offers", async () => {
    const { one, connection } = peer();
    await settle();
    one.describe(1, { type: "offer", sdp: "offer" });
    await settle();
    expect(connection.remote).toEqual([]);
  });

  it("knows whose a slot is, and that a slot changes its person", async () => {
    const { one, arrived } = peer();
    await settle();
    one.assign([{ mid: "3", participant: "b", kind: "audio" }, { mid: "8", participant: "b", kind: "video" }]);
    expect(arrived).toEqual(["b audio track 3", "b video track 8"]);
    expect(one.ownerOf("8")).toBe("b");
    one.assign([{ mid: "8", participant: "c", kind: "video" }, { mid: "13", participant: "c", kind: "screen" }, { mid: "99", participant: "d", kind: "video" }]);
    expect(arrived.slice(2)).toEqual(["c video track 8", "c screen track 13"]);
    expect(one.ownerOf("3")).toBeUndefined();
  });

  it("sends the screen without another offer", async () => {
    const { one, sent, connection } = peer();
    await settle();
    await one.send("screen", { id: "screen" } as unknown as MediaStreamTrack);
    await one.send("screen", undefined);
    expect(connection.transceivers[2]?.sent).toEqual(["screen", null]);
    expect(sent).toHaveLength(1);
  });

  it("looks for a new way when it failed, and gives up in the end", async () => {
    const { one, sent, connection, exhausted } = peer();
    await settle();
    one.describe(1, { type: "answer", sdp: "answer" });
    await settle();
    connection.becomes("failed");
    await settle();
    expect(offers(sent)).toEqual(["1 offer-1 room", "2 offer-2 room"]);
    for (let round = 0; round < 6; round += 1) {
      await vi.advanceTimersByTimeAsync(5_000);
      connection.becomes("failed");
    }
    await settle();
    expect(exhausted).toHaveBeenCalled();
    one.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connection.connectionState).toBe("closed");
  });
});
