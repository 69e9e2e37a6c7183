import { client, type Schemas } from "../api/client";
import { Refused } from "../api/problem";

/** How many messages of how many bytes are sent each way, how far apart, and how long is waited for the last echo. */
const COUNT = 100;
const RELAY_COUNT = 40;
const BYTES = 200;
const EVERY_MS = 20;
const LAST_MS = 500;
/** Longest waits for the candidates of the direct way and of the relay's, and for a channel to open. */
const GATHER_MS = 1_000;
const RELAY_GATHER_MS = 3_000;
const OPEN_MS = 3_000;
/** As much as a picture takes: bytes of a packet, packets a second, and for how long. */
const PACKET = 1_170;
const A_SECOND = 160;
const BURST_MS = 2_000;
/** Bytes that may wait in the browser; more would only show how much it can store. */
const WAITING = 16_384;
/** Kept back of the server's time for the last request. */
const LAST_WORD_MS = 700;
/** How often a check is begun when all places are taken, and how many seconds lie between where the server does not say. */
const TRIES = 4;
const RETRY_S = 4;

export type Verdict = Schemas["LineResult"];

/** The middle of some values; undefined of none. */
export function median(values: number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return undefined;
  if (sorted.length % 2 === 1) return sorted[middle];
  return ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Mean difference between one round trip and the next. */
export function jitter(values: number[]): number {
  if (values.length < 2) return 0;
  let sum = 0;
  for (let i = 1; i < values.length; i += 1) sum += Math.abs((values[i] ?? 0) - (values[i - 1] ?? 0));
  return sum / (values.length - 1);
}

/** Counts echoes: each number once, however often it comes back. */
export class Echoes {
  #sent = new Map<number, number>();
  #seen = new Set<number>();
  /** Round trips in milliseconds, in the order of their return. */
  readonly trips: number[] = [];

  /** The message to send as number `seq` at a time. */
  message(seq: number, now: number): string {
    this.#sent.set(seq, now);
    const text = JSON.stringify({ seq, t: Math.round(now), pad: "" });
    return text.replace('""', `"${"x".repeat(Math.max(0, BYTES - text.length))}"`);
  }

  /** Takes an echo at a time; what is no echo of ours is left aside. */
  take(frame: unknown, now: number): void {
    const seq = numberOf(frame);
    const sent = seq === undefined ? undefined : this.#sent.get(seq);
    if (seq === undefined || sent === undefined || this.#seen.has(seq)) return;
    this.#seen.add(seq);
    this.trips.push(now - sent);
  }

  get sent(): number {
    return this.#sent.size;
  }

  get received(): number {
    return this.#seen.size;
  }
}

/** The number of an echo; undefined for any other text. */
function numberOf(frame: unknown): number | undefined {
  if (typeof frame !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(frame);
    if (typeof value !== "object" || value === null || !("seq" in value)) return undefined;
    return typeof value.seq === "number" ? value.seq : undefined;
  } catch {
    return undefined;
  }
}

/** Counts what arrives of a burst within its length from the first packet; what comes later waited somewhere. */
export class Burst {
  #since: number | undefined;
  #bytes = 0;

  take(bytes: number, now: number): void {
    this.#since ??= now;
    if (now - this.#since <= BURST_MS) this.#bytes += bytes;
  }

  /** Kilobits a second. */
  get kbps(): number {
    return Math.round((this.#bytes * 8) / BURST_MS);
  }
}

type ClientPath = Schemas["ClientPath"];
type ClientNumbers = Schemas["ClientNumbers"];

/** Measures the ways to the server and back in less than twelve seconds: the direct one, how much fits on it, and the relay's. Waits where all places are taken. */
export async function checkLine(booking: string): Promise<Verdict> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await checkOnce(booking);
    if (typeof result !== "number") return result;
    if (attempt === TRIES) throw new Refused({ code: "line_check_busy", status: 429 });
    await pause(result * 1_000);
  }
}

/** One check, or the seconds to wait for a place. */
async function checkOnce(booking: string): Promise<Verdict | number> {
  const began = performance.now();
  const direct = new Way(new RTCPeerConnection());
  const [up, down] = [direct.channel("up"), direct.channel("down")];
  let relay: Way | undefined;
  try {
    const offer = await direct.offer(GATHER_MS);
    const { data, error, response } = await client.POST("/api/bookings/{id}/line-check", { params: { path: { id: booking } }, body: { sdp: offer } });
    if (response.status === 429) return Number(response.headers.get("retry-after")) || RETRY_S;
    if (!data) throw new Refused(error);
    const until = performance.now() + data.deadline_ms - LAST_WORD_MS;
    const relayed = data.ice_servers.length > 0 ? (relay = relayWay(data.ice_servers)).connect(booking, data.check_id) : Promise.resolve();
    await direct.answer(data.sdp);
    const numbers: ClientNumbers = { direct: NOTHING, down_kbps: null, relay: null, took_ms: 0 };
    if (await direct.opened(until)) {
      numbers.direct = await direct.probe(COUNT, until);
      await fill(up, until);
      numbers.down_kbps = await drain(down, until);
    }
    // Nothing that fails on this way ends the check: that it fails is what is found.
    const isThere = await Promise.race([relayed.then(() => true, () => false), pause(until - performance.now()).then(() => false)]);
    if (relay) numbers.relay = isThere && (await relay.opened(until)) ? await relay.probe(RELAY_COUNT, until) : NOTHING;
    numbers.took_ms = Math.round(performance.now() - began);
    return await finish(booking, data.check_id, numbers);
  } finally {
    direct.close();
    relay?.close();
  }
}

const NOTHING: ClientPath = { sent: 0, received: 0, rtt_ms: 0, jitter_ms: 0 };

async function finish(booking: string, check: string, body: ClientNumbers): Promise<Verdict> {
  const { data, error } = await client.POST("/api/bookings/{id}/line-check/{check}/finish", { params: { path: { id: booking, check } }, body });
  if (!data) throw new Refused(error);
  return data;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** A connection that goes by the relay and no other way. */
function relayWay(servers: Schemas["IceServer"][]): Way {
  const iceServers = servers.map(({ urls, username, credential }) => ({ urls, ...(username ? { username } : {}), ...(credential ? { credential } : {}) }));
  return new Way(new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" }));
}

/** One connection to the server's peer, with a channel that does not repeat what is lost. */
class Way {
  readonly #connection: RTCPeerConnection;
  readonly #probes: RTCDataChannel;

  constructor(connection: RTCPeerConnection) {
    this.#connection = connection;
    this.#probes = this.channel("probe");
  }

  channel(name: string): RTCDataChannel {
    return this.#connection.createDataChannel(name, { ordered: false, maxRetransmits: 0 });
  }

  /** The offer, with all candidates or those that were found in time. */
  async offer(ms: number): Promise<string> {
    const connection = this.#connection;
    await connection.setLocalDescription();
    const complete = new Promise<void>((resolve) => {
      const look = () => { if (connection.iceGatheringState === "complete") resolve(); };
      connection.addEventListener("icegatheringstatechange", look);
      look();
    });
    await Promise.race([complete, pause(ms)]);
    return connection.localDescription?.sdp ?? "";
  }

  async answer(sdp: string): Promise<void> {
    await this.#connection.setRemoteDescription({ type: "answer", sdp });
  }

  /** Offers and takes the answer, as the second connection of a check. */
  async connect(booking: string, check: string): Promise<void> {
    const sdp = await this.offer(RELAY_GATHER_MS);
    const { data, error } = await client.POST("/api/bookings/{id}/line-check/{check}/relay", { params: { path: { id: booking, check } }, body: { sdp } });
    if (!data) throw new Refused(error);
    await this.answer(data.sdp);
  }

  /** Whether the channel opens in its time. */
  async opened(until: number): Promise<boolean> {
    const channel = this.#probes;
    const open = new Promise<void>((resolve) => { channel.addEventListener("open", () => { resolve(); }); });
    if (channel.readyState !== "open") await Promise.race([open, pause(Math.min(OPEN_MS, until - performance.now()))]);
    return channel.readyState === "open";
  }

  /** Sends messages, waits for the stragglers, and counts. */
  async probe(count: number, until: number): Promise<ClientPath> {
    const [channel, echoes] = [this.#probes, new Echoes()];
    channel.onmessage = (event: MessageEvent<unknown>) => { echoes.take(event.data, performance.now()); };
    for (let seq = 0; seq < count && channel.readyState === "open" && performance.now() < until; seq += 1) {
      channel.send(echoes.message(seq, performance.now()));
      await pause(EVERY_MS);
    }
    for (let waited = 0; echoes.received < echoes.sent && waited < LAST_MS; waited += EVERY_MS) await pause(EVERY_MS);
    return { sent: echoes.sent, received: echoes.received, rtt_ms: median(echoes.trips) ?? 0, jitter_ms: jitter(echoes.trips) };
  }

  close(): void {
    this.#connection.close();
  }
}

/** Sends as much as a picture takes; the server counts what arrives. */
async function fill(channel: RTCDataChannel, until: number): Promise<void> {
  const [packet, start] = [new Uint8Array(PACKET), performance.now()];
  const end = Math.min(start + BURST_MS, until);
  let due = 0;
  for (let now = start; now < end && channel.readyState === "open"; now = performance.now()) {
    // By the clock, not by the turns: a page that is busy gets fewer of them.
    const wanted = Math.round(((now - start) * A_SECOND) / 1_000);
    for (; due < wanted; due += 1) if (channel.bufferedAmount < WAITING) channel.send(packet);
    await pause(EVERY_MS);
  }
}

/** Asks for as much as a picture takes and counts what arrives; null where there was no time. */
async function drain(channel: RTCDataChannel, until: number): Promise<number | null> {
  if (channel.readyState !== "open" || performance.now() + BURST_MS > until) return null;
  const burst = new Burst();
  channel.binaryType = "arraybuffer";
  channel.onmessage = (event: MessageEvent<unknown>) => { if (event.data instanceof ArrayBuffer) burst.take(event.data.byteLength, performance.now()); };
  channel.send("go");
  await pause(BURST_MS + EVERY_MS);
  return burst.kbps;
}
