import { client, type Schemas } from "../api/client";
import { Refused } from "../api/problem";
import { measure } from "./quality";

/** How many messages are sent, how far apart, and how long is waited for the last echo. */
const COUNT = 100;
const EVERY_MS = 20;
const LAST_MS = 1_000;
/** Longest waits for the candidates and for the channel to open. */
const GATHER_MS = 3_000;
const OPEN_MS = 8_000;

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
    return JSON.stringify({ seq, t: Math.round(now) });
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

/** Measures the way to the server and back over a data channel that does not repeat what is lost. */
export async function checkLine(booking: string): Promise<Verdict> {
  const connection = new RTCPeerConnection();
  try {
    const channel = connection.createDataChannel("probe", { ordered: false, maxRetransmits: 0 });
    await connection.setLocalDescription();
    await gathered(connection);
    const { data, error } = await client.POST("/api/bookings/{id}/line-check", {
      params: { path: { id: booking } },
      body: { sdp: connection.localDescription?.sdp ?? "" },
    });
    if (!data) throw new Refused(error);
    await connection.setRemoteDescription({ type: "answer", sdp: data.sdp });
    const echoes = new Echoes();
    if (await opened(channel)) await probe(channel, echoes);
    const relay = echoes.sent > 0 && (await measure(connection)).relay;
    return await finish(booking, data.check_id, echoes, relay);
  } finally {
    connection.close();
  }
}

async function finish(booking: string, check: string, echoes: Echoes, relay: boolean): Promise<Verdict> {
  const { data, error } = await client.POST("/api/bookings/{id}/line-check/{check}/finish", {
    params: { path: { id: booking, check } },
    body: { sent: echoes.sent, received: echoes.received, rtt_ms: median(echoes.trips) ?? 0, jitter_ms: jitter(echoes.trips), relay },
  });
  if (!data) throw new Refused(error);
  return data;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** All candidates are in the offer, or enough time has passed. */
async function gathered(connection: RTCPeerConnection): Promise<void> {
  const complete = new Promise<void>((resolve) => {
    const look = () => { if (connection.iceGatheringState === "complete") resolve(); };
    connection.addEventListener("icegatheringstatechange", look);
    look();
  });
  await Promise.race([complete, pause(GATHER_MS)]);
}

async function opened(channel: RTCDataChannel): Promise<boolean> {
  const open = new Promise<void>((resolve) => { channel.addEventListener("open", () => { resolve(); }); });
  if (channel.readyState !== "open") await Promise.race([open, pause(OPEN_MS)]);
  return channel.readyState === "open";
}

/** Sends the messages and waits for the stragglers. */
async function probe(channel: RTCDataChannel, echoes: Echoes): Promise<void> {
  channel.onmessage = (event: MessageEvent<unknown>) => { echoes.take(event.data, performance.now()); };
  for (let seq = 0; seq < COUNT && channel.readyState === "open"; seq += 1) {
    channel.send(echoes.message(seq, performance.now()));
    await pause(EVERY_MS);
  }
  if (echoes.received < echoes.sent) await pause(LAST_MS);
}
