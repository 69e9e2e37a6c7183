import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClientMessage } from "./messages";
import { Peer } from "./peer";

class FakeTransceiver {
  direction = "sendonly";
  sending: (string | null)[] = [];
  sender = { replaceTrack: (track: { id: string } | null) => { this.sending.push(track?.id ?? null); } };
  receiver: { track: { kind: string; id: string } };
  constructor(kind: string, readonly mid: string | null) {
    this.receiver = { track: { kind, id: `${kind} ${mid ?? ""}` } };
  }
}

/** The part of a peer connection's states that negotiation turns on; after the W3C text, not after our code. */
class FakeConnection {
  signalingState: RTCSignalingState = "stable";
  connectionState: RTCPeerConnectionState = "new";
  localDescription: { type: string; sdp: string } | null = null;
  remoteDescription: { type: string; sdp: string } | null = null;
  currentRemoteDescription: { type: string; sdp: string } | null = null;
  remote: string[] = [];
  added: string[] = [];
  rollbacks = 0;
  restarts = 0;
  #offers = 0;
  onnegotiationneeded: (() => void) | null = null;
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null;
  ontrack: ((event: { track: { id: string }; transceiver: FakeTransceiver }) => void) | null = null;
  transceivers: FakeTransceiver[] = [];
  onconnectionstatechange: (() => void) | null = null;
  constructor(readonly configuration: RTCConfiguration) {
    made.push(this);
  }
  addTrack(): FakeTransceiver["sender"] {
    queueMicrotask(() => this.onnegotiationneeded?.());
    return new FakeTransceiver("video", null).sender;
  }
  addTransceiver(): FakeTransceiver {
    const made = new FakeTransceiver("video", "2");
    this.transceivers.push(made);
    queueMicrotask(() => this.onnegotiationneeded?.());
    return made;
  }
  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }
  arrives(transceiver: FakeTransceiver): void {
    this.ontrack?.({ track: transceiver.receiver.track, transceiver });
  }
  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    if (this.signalingState === "have-remote-offer") {
      this.localDescription = { type: "answer", sdp: "answer" };
      this.signalingState = "stable";
    } else {
      this.#offers += 1;
      this.localDescription = { type: "offer", sdp: `offer-${this.#offers}` };
      this.signalingState = "have-local-offer";
    }
  }
  async setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    await Promise.resolve();
    if (description.type === "offer") {
      if (this.signalingState === "have-local-offer") this.rollbacks += 1;
      this.signalingState = "have-remote-offer";
    } else {
      if (this.signalingState !== "have-local-offer") throw new Error("answer without an offer");
      this.signalingState = "stable";
    }
    this.remoteDescription = description;
    this.remote.push(description.sdp);
  }
  addIceCandidate(candidate: { candidate: string }): Promise<void> {
    this.added.push(candidate.candidate);
    return Promise.resolve();
  }
  restartIce(): void {
    this.restarts += 1;
    this.onnegotiationneeded?.();
  }
  close(): void {
    this.signalingState = "closed";
  }
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

let made: FakeConnection[];

beforeEach(() => {
  made = [];
  vi.useFakeTimers();
  vi.stubGlobal("RTCPeerConnection", FakeConnection);
  vi.stubGlobal("MediaStream", class {
    getTracks(): never[] {
      return [];
    }
  });
});
afterEach(() => {
  reaches = true;
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Whether what a side sends reaches the server. */
let reaches = true;

interface Side {
  peer: Peer;
  fake: FakeConnection;
  sent: ClientMessage[];
  tracks: string[];
  exhausted: string[];
}

function side(polite: boolean): Side {
  const sent: ClientMessage[] = [];
  const tracks: string[] = [];
  const exhausted: string[] = [];
  const peer = new Peer({
    link: { participant: "other", pc: "p2p:a:b:1", polite },
    configuration: { iceTransportPolicy: "relay" },
    stream: { getTracks: () => [{ kind: "video" }] } as unknown as MediaStream,
    send: (message) => sent.push(message),
    reachable: () => reaches,
    onTrack: (participant, kind, track) => tracks.push(`${participant} ${kind} ${track.id}`),
    onConnection: () => undefined,
    onExhausted: () => { exhausted.push("exhausted"); },
  });
  const fake = made.at(-1);
  if (!fake) throw new Error("no connection was made");
  return { peer, fake, sent, tracks, exhausted };
}

/** Hands over what one side has said since `from`. */
function deliver(from: Side, to: Side, start = 0): void {
  for (const message of from.sent.slice(start)) {
    if (message.t === "sdp") to.peer.describe(message.neg, message.desc);
    if (message.t === "ice") to.peer.addCandidates(message.neg, message.cands);
  }
}

const settle = () => vi.advanceTimersByTimeAsync(1);

describe("negotiation", () => {
  it("passes the server's policy on", () => {
    expect(side(true).fake.configuration.iceTransportPolicy).toBe("relay");
  });

  it("lets the impolite side offer first", async () => {
    const [polite, rude] = [side(true), side(false)];
    await settle();
    expect(rude.sent.map((message) => message.t)).toEqual(["sdp"]);
    expect(polite.sent).toEqual([]);
    deliver(rude, polite);
    await settle();
    deliver(polite, rude);
    await settle();
    expect([polite.fake.signalingState, rude.fake.signalingState]).toEqual(["stable", "stable"]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(polite.sent).toHaveLength(1);
  });

  it("does not wait for ever for an offer", async () => {
    const polite = side(true);
    await vi.advanceTimersByTimeAsync(1_600);
    expect(polite.sent).toMatchObject([{ t: "sdp", neg: 1, desc: { type: "offer" } }]);
  });

  it("survives both offering at once", async () => {
    const [polite, rude] = [side(true), side(false)];
    await vi.advanceTimersByTimeAsync(1_600); // both have offered, nothing has arrived
    const [mine, theirs] = [polite.sent.length, rude.sent.length];
    expect([mine, theirs]).toEqual([1, 1]);
    deliver(polite, rude);
    deliver(rude, polite);
    await settle();
    expect(rude.fake.remote).toEqual([]);
    expect(polite.fake.rollbacks).toBe(1);
    deliver(polite, rude, mine);
    await settle();
    expect([polite.fake.signalingState, rude.fake.signalingState]).toEqual(["stable", "stable"]);
    expect(rude.fake.remote).toEqual(["answer"]);
    expect([polite.exhausted, rude.exhausted]).toEqual([[], []]);
  });

  it("asks for another connection when both offer at once while one stands", async () => {
    const [polite, rude] = [side(true), side(false)];
    await settle();
    for (const { fake } of [polite, rude]) {
      fake.signalingState = "have-local-offer";
      fake.currentRemoteDescription = { type: "answer", sdp: "before" };
    }
    polite.peer.describe(1, { type: "offer", sdp: "theirs" });
    rude.peer.describe(1, { type: "offer", sdp: "theirs" });
    await settle();
    expect([polite.fake.rollbacks, polite.exhausted, rude.fake.rollbacks, rude.exhausted]).toEqual([1, ["exhausted"], 0, []]);
  });

  it("takes each description once, and none that is older", async () => {
    const polite = side(true);
    polite.peer.describe(3, { type: "offer", sdp: "new" });
    polite.peer.describe(3, { type: "offer", sdp: "again" });
    polite.peer.describe(2, { type: "offer", sdp: "old" });
    await settle();
    expect(polite.fake.remote).toEqual(["new"]);
    polite.peer.addCandidates(2, [{ candidate: "old" }]);
    polite.peer.addCandidates(3, [{ candidate: "new" }]);
    await settle();
    expect(polite.fake.added).toEqual(["new"]);
  });

  it("says a lost offer again, as a newer one", async () => {
    const rude = side(false);
    await settle();
    rude.peer.resync();
    expect(rude.sent).toMatchObject([{ neg: 1, desc: { sdp: "offer-1" } }, { neg: 2, desc: { sdp: "offer-1" } }]);
  });

  it("sends candidates together", async () => {
    const rude = side(false);
    await settle();
    for (const candidate of ["a", "b"]) rude.fake.onicecandidate?.({ candidate: { candidate, sdpMid: "0", sdpMLineIndex: 0, usernameFragment: "u" } });
    expect(rude.sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60);
    expect(rude.sent[1]).toMatchObject({ t: "ice", neg: 1, cands: [{ candidate: "a", usernameFragment: "u" }, { candidate: "b" }] });
  });
});

describe("what is sent and what arrives", () => {
  it("tells voice, face and screen apart by their sections", () => {
    const { fake, tracks } = side(false);
    const sections = (count: number) => Array.from({ length: count }, (_, at) => new FakeTransceiver("audio", String(at)));
    const [voice, face, screen] = [new FakeTransceiver("audio", "8"), new FakeTransceiver("video", "9"), new FakeTransceiver("video", "10")];
    // Sections are counted, not compared as texts: 10 comes after 9. One that is not negotiated yet does not count.
    fake.transceivers = [new FakeTransceiver("video", null), ...sections(8), voice, screen, face];
    for (const one of [voice, face, screen]) fake.arrives(one);
    expect(tracks).toEqual(["other audio audio 8", "other video video 9", "other screen video 10"]);
  });

  it("shows a screen in a section of its own, which is used again", async () => {
    const { peer, fake } = side(false);
    const track = (id: string) => ({ id }) as MediaStreamTrack;
    await peer.send("screen", undefined);
    expect(fake.transceivers).toEqual([]);
    await peer.send("screen", track("one"));
    await peer.send("screen", undefined);
    expect([fake.transceivers.length, fake.transceivers[0]?.direction]).toEqual([1, "inactive"]);
    await peer.send("screen", track("two"));
    expect(fake.transceivers.map((one) => [one.direction, one.sending])).toEqual([["sendonly", [null, "two"]]]);
  });
});

describe("a connection in trouble", () => {
  it("is restarted at once when it failed, after two seconds when it may come back", async () => {
    const { fake } = side(false);
    await settle();
    fake.become("disconnected");
    await vi.advanceTimersByTimeAsync(1_900);
    expect(fake.restarts).toBe(0);
    await vi.advanceTimersByTimeAsync(200);
    expect(fake.restarts).toBe(1);
    await vi.advanceTimersByTimeAsync(10_000);
    fake.become("failed");
    expect(fake.restarts).toBe(2);
  });

  it("is left alone when it comes back by itself", async () => {
    const { fake } = side(false);
    fake.become("disconnected");
    await vi.advanceTimersByTimeAsync(1_000);
    fake.become("connected");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fake.restarts).toBe(0);
  });

  it("offers nothing while nobody hears it, and makes up for that: the polite side after the other one", async () => {
    const [polite, rude] = [side(true), side(false)];
    await settle();
    reaches = false;
    for (const { fake } of [polite, rude]) {
      fake.signalingState = "stable";
      fake.become("failed");
    }
    expect([polite.fake.restarts, rude.fake.restarts]).toEqual([0, 0]);
    reaches = true;
    polite.peer.resync();
    rude.peer.resync();
    await vi.advanceTimersByTimeAsync(210); // what was said while they were away would have come by now
    expect([polite.fake.restarts, rude.fake.restarts]).toEqual([0, 1]);
    await vi.advanceTimersByTimeAsync(1_400);
    expect(polite.fake.restarts).toBe(1);
  });

  it("is not restarted by one side when the other one just did, but is for another description", async () => {
    const [polite, rude] = [side(true), side(false)];
    await settle();
    for (const { peer, fake } of [polite, rude]) {
      fake.signalingState = "stable";
      fake.remoteDescription = { type: "answer", sdp: "v=0\r\na=ice-ufrag:one\r\n" };
      fake.connectionState = "failed";
      peer.resync();
    }
    polite.peer.describe(1, { type: "offer", sdp: "v=0\r\na=ice-ufrag:two\r\n" });
    rude.peer.describe(1, { type: "offer", sdp: "v=0\r\na=ice-ufrag:one\r\n" });
    await vi.advanceTimersByTimeAsync(4_000);
    expect([polite.fake.restarts, rude.fake.restarts]).toEqual([0, 1]);
    await vi.advanceTimersByTimeAsync(4_000); // it did not help
    expect(polite.fake.restarts).toBe(1);
  });

  it("waits for its turn from the first time it is asked, however often it is asked", async () => {
    const { peer, fake } = side(true);
    await settle();
    fake.connectionState = "connected"; // nothing arrives, and the browser has not noticed
    for (let look = 0; look < 3; look += 1) {
      peer.restart();
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(fake.restarts).toBe(0);
    peer.restart();
    expect(fake.restarts).toBe(1);
  });

  it("is not restarted more often than every five seconds", async () => {
    const { fake } = side(false);
    fake.become("failed");
    fake.become("failed");
    fake.become("failed");
    expect(fake.restarts).toBe(1);
    await vi.advanceTimersByTimeAsync(5_100);
    expect(fake.restarts).toBe(2);
  });

  it("is given up after six restarts in two minutes, and not for six in an hour", async () => {
    const { peer, fake, exhausted } = side(false);
    for (let minute = 0; minute < 6; minute += 1) {
      peer.restart();
      await vi.advanceTimersByTimeAsync(130_000);
    }
    expect([fake.restarts, exhausted.length]).toEqual([6, 0]);
    for (let time = 0; time < 6; time += 1) {
      peer.restart();
      await vi.advanceTimersByTimeAsync(6_000);
    }
    expect([fake.restarts, exhausted.length]).toEqual([12, 0]);
    peer.restart();
    expect([fake.restarts, exhausted.length]).toEqual([12, 1]);
  });
});
