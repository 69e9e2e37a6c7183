import { type LinkEvents, Restarts } from "./link";

/** A connection that is `disconnected` may come back by itself for so long. */
const PATIENCE_MS = 2_000;

/** Whether a new way is still looked for is forgotten when nobody asked for one for so long. */
const FORGOTTEN_MS = 10_000;

/** Who was away hears what was said meanwhile within so long, an offer of the other side among it. */
const CATCH_UP_MS = 200;

export interface UpkeepOptions extends Pick<LinkEvents, "onConnection" | "onExhausted"> {
  /** Whether a restart can lead anywhere now. */
  useful?: () => boolean;
  /** The other side goes first: this one restarts when that did not happen within so many milliseconds. */
  lag?: number;
}

/** Keeps a connection alive by restarts that are not too many, and does its work one thing after the other. */
export class Upkeep {
  #connection: RTCPeerConnection;
  #options: UpkeepOptions;
  #restarts = new Restarts();
  /** Since when a restart is asked for, and when it was asked for last. */
  #asked: { first: number; last: number } | undefined;
  /** No restart before. */
  #until = 0;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(connection: RTCPeerConnection, options: UpkeepOptions) {
    this.#connection = connection;
    this.#options = options;
    connection.onconnectionstatechange = () => { this.#changed(connection.connectionState); };
  }

  /** Looks for a new way, when it is this side's turn to. */
  restart(): void {
    if (this.#options.useful?.() === false) return;
    const now = Date.now();
    const wait = Math.max(this.#restarts.wait(now), this.#turn(now), this.#until - now);
    clearTimeout(this.#watch);
    if (wait > 0) this.restartLater(wait);
    else if (this.#restarts.note(now)) this.#connection.restartIce();
    else this.#options.onExhausted();
  }

  /** One of the two sides was away: a connection that is down gets a new way, unless that is under way already. */
  resync(): void {
    this.#until = Date.now() + CATCH_UP_MS;
    if (this.#isDown()) this.restart();
  }

  /** The other side looks for a new way: there is no need for one of this side's for a while. */
  restarted(): void {
    this.#restarts.others(Date.now());
    this.#asked = undefined;
  }

  /** Restarts after so many milliseconds, unless all is well by then. */
  restartLater(wait: number): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => { if (!this.#isWell()) this.restart(); }, wait);
  }

  /** Puts work in a line: what is said of a connection must not overtake what was said before. */
  then(work: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#connection.signalingState === "closed") return;
      await work();
    }).catch((error: unknown) => { console.warn("negotiation", error); });
  }

  stop(): void {
    clearTimeout(this.#watch);
  }

  #changed(state: RTCPeerConnectionState): void {
    this.#options.onConnection(state);
    clearTimeout(this.#watch);
    if (state === "connected") this.#asked = undefined;
    if (state === "failed") this.restart();
    if (state === "disconnected") this.restartLater(PATIENCE_MS);
  }

  /** Whether the connection is down as far as anybody knows. */
  #isDown(): boolean {
    return this.#connection.connectionState === "failed" || this.#connection.connectionState === "disconnected";
  }

  /** Milliseconds until it is this side's turn. Who watches asks again and again, so that the first time counts. */
  #turn(now: number): number {
    const { lag = 0 } = this.#options;
    const fresh = this.#asked === undefined || now - this.#asked.last > FORGOTTEN_MS;
    const first = fresh || !this.#asked ? now : this.#asked.first;
    this.#asked = { first, last: now };
    return Math.max(0, first + lag - now);
  }

  #isWell(): boolean {
    return this.#connection.connectionState === "connected" || this.#connection.connectionState === "closed";
  }
}
