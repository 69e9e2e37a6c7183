import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClientMessage, ServerMessage } from "./messages";
import { Signal, type SignalStatus } from "./signal";

/** A socket that does only what the test says. */
class FakeSocket {
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  closedWith: number | undefined;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly url: string, readonly protocol: string) {}
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(code?: number): void {
    this.readyState = 3;
    this.closedWith = code;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  say(message: ServerMessage, seq?: number): void {
    this.onmessage?.({ data: JSON.stringify({ ...message, seq }) });
  }
  break(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

const welcome: ServerMessage = {
  t: "welcome", resume_token: "token-1", grace_s: 60, policy: "all", self: { participant: "p1", role: "patient", caps: [] },
  limits: { sdp_frame_bytes: 131_072, frame_bytes: 16_384, sdp_bytes: 98_304, media_lines: 40, candidate_bytes: 512, candidates: 20, chat_chars: 2_000, caption_chars: 500 }, ping_s: 10, ice_servers: [],
  snapshot: { state: "open", participants: [], topology: { mode: "none", epoch: 0, peers: [] }, admission: "none" },
};

let sockets: FakeSocket[];
let statuses: SignalStatus[];
let messages: ServerMessage[];
let tickets: number;
let refuse: Error | undefined;
const gone = new Error("gone");

function make(): Signal {
  return new Signal({
    url: "wss://onshin.example/api/visits/v/signal",
    tab: "tab",
    ticket: () => {
      tickets += 1;
      return refuse === undefined ? Promise.resolve(`ticket-${tickets}`) : Promise.reject(refuse);
    },
    isFinal: (error) => error === gone,
    onMessage: (message) => messages.push(message),
    onStatus: (status) => statuses.push(status),
    random: () => 0.5,
    open: (url, protocol) => {
      const socket = new FakeSocket(url, protocol);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  });
}

const last = (): FakeSocket => {
  const socket = sockets.at(-1);
  if (!socket) throw new Error("no socket was opened");
  return socket;
};

beforeEach(() => {
  vi.useFakeTimers();
  [sockets, statuses, messages, tickets, refuse] = [[], [], [], 0, undefined];
});
afterEach(() => { vi.useRealTimers(); });

async function connected(): Promise<Signal> {
  const signal = make();
  signal.start();
  await vi.advanceTimersByTimeAsync(0);
  last().open();
  last().say(welcome, 1);
  return signal;
}

describe("the socket of a visit", () => {
  it("says hello with a ticket that is not in the address", async () => {
    await connected();
    expect(last().protocol).toBe("tele.v1");
    expect(last().url).not.toContain("ticket");
    expect(last().sent[0]).toMatchObject({ t: "hello", ticket: "ticket-1", tab: "tab" });
    expect(statuses).toEqual(["connecting", "ready"]);
  });

  it("comes back with its token, hears what it missed once, and says what it handled", async () => {
    await connected();
    last().say({ t: "visit", state: "open" }, 2);
    last().break();
    await vi.advanceTimersByTimeAsync(0);
    last().open();
    expect(last().sent[0]).toMatchObject({ t: "hello", resume: { token: "token-1", last_seq: 2 }, tab: "tab" });
    expect(last().sent[0]).not.toHaveProperty("ticket");
    expect(tickets).toBe(1);
    last().say({ t: "resumed", continuity: true, resume_token: "token-2", ice_servers: [] }, 2);
    last().say({ t: "visit", state: "open" }, 2);
    last().say({ t: "visit", state: "in_progress" }, 3);
    expect(messages.map((message) => message.t)).toEqual(["welcome", "visit", "resumed", "visit"]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(last().sent.at(-1)).toMatchObject({ t: "ack", ack: 3 });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(last().sent).toHaveLength(2);
    last().break();
    await vi.advanceTimersByTimeAsync(0);
    last().open();
    expect(last().sent[0]).toMatchObject({ resume: { token: "token-2", last_seq: 3 } });
  });

  it("counts anew after a welcome or a snapshot", async () => {
    await connected();
    last().say({ t: "visit", state: "open" }, 40);
    last().break();
    await vi.advanceTimersByTimeAsync(0);
    last().open();
    last().say({ t: "resumed", continuity: false, resume_token: "token-2", ice_servers: [], snapshot: { state: "open", participants: [], topology: { mode: "none", epoch: 0, peers: [] }, admission: "none" } }, 0);
    last().say({ t: "visit", state: "in_progress" }, 1);
    expect(messages.at(-1)).toMatchObject({ t: "visit", state: "in_progress" });
  });

  it("asks for a ticket when its token is too old or not known", async () => {
    await connected();
    last().break();
    await vi.advanceTimersByTimeAsync(0);
    last().open();
    last().say({ t: "bye", code: "expired", reconnect: "rejoin" });
    last().break(4401);
    await vi.advanceTimersByTimeAsync(1_000);
    last().open();
    expect(last().sent[0]).toMatchObject({ t: "hello", ticket: "ticket-2" });
    last().say(welcome, 1);
    last().break(4401);
    await vi.advanceTimersByTimeAsync(1_000);
    last().open();
    expect(last().sent[0]).toMatchObject({ t: "hello", ticket: "ticket-3" });
  });

  it("comes back with its token and sends what waited", async () => {
    const signal = await connected();
    last().break();
    const offer: ClientMessage = { t: "chat", text: "a", client_id: "1" };
    signal.send(offer);
    signal.send({ t: "quality", pc: "x", relay: false, frames_decoded: 1 });
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(2);
    last().open();
    expect(last().sent.map((message) => message.t)).toEqual(["hello"]);
    last().say(welcome);
    expect(last().sent[0]).toMatchObject({ resume: { token: "token-1", last_seq: 1 } });
    expect(last().sent.map((message) => message.t)).toEqual(["hello", "chat"]);
    expect(statuses).toEqual(["connecting", "ready", "away", "ready"]);
  });

  it("waits longer each time the server is away, and forgets that once welcomed", async () => {
    const signal = make();
    signal.start();
    const starts: number[] = [];
    const from = Date.now();
    for (let i = 0; i < 6; i += 1) {
      while (sockets.length <= i) await vi.advanceTimersByTimeAsync(10);
      starts.push(Date.now() - from);
      last().break();
    }
    const gaps = starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
    expect(gaps).toEqual([300, 1200, 2700, 4800, 7000]);
    while (sockets.length < 7) await vi.advanceTimersByTimeAsync(10);
    last().open();
    last().say(welcome);
    last().break();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(8);
  });

  it("gives up where trying cannot help", async () => {
    refuse = gone;
    make().start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([tickets, sockets.length]).toEqual([1, 0]);
    expect(statuses.at(-1)).toBe("over");
  });

  it("tries again when only the network refused the ticket", async () => {
    refuse = new Error("offline");
    make().start();
    await vi.advanceTimersByTimeAsync(2_000);
    refuse = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sockets).toHaveLength(1);
  });

  it("stays away after bye never and after a final close", async () => {
    await connected();
    last().say({ t: "bye", code: "replaced", reconnect: "never" });
    last().break(4409);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
    expect(statuses.at(-1)).toBe("over");
  });

  it("pings, and takes three silent pings for the end of the socket", async () => {
    await connected();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(last().sent.at(-1)).toMatchObject({ t: "ping" });
    await vi.advanceTimersByTimeAsync(31_000);
    expect(statuses).toContain("away");
    expect(sockets.length).toBeGreaterThan(1);
  });

  it("opens a doubtful socket anew at once when it does not answer within a second", async () => {
    const signal = await connected();
    signal.probe();
    signal.probe();
    expect(last().sent.filter((message) => message.t === "ping")).toHaveLength(1);
    last().say({ t: "pong" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sockets).toHaveLength(1);
    signal.probe();
    await vi.advanceTimersByTimeAsync(999);
    expect(sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10);
    expect(sockets).toHaveLength(2);
    expect(statuses).toEqual(["connecting", "ready", "away"]);
  });

  it("does not take frames for messages that are none", async () => {
    await connected();
    const before = messages.length;
    for (const data of ["", "{", "[]", '{"t":7}', '{"t":"from_the_future"}']) last().onmessage?.({ data });
    expect(messages).toHaveLength(before);
  });

  it("numbers what it sends", async () => {
    const signal = await connected();
    signal.send({ t: "knock" });
    expect(last().sent.map((message) => message.id)).toEqual([1, 2]);
  });
});
