import { type LinkEvents, Restarts } from "./link";

/** A connection that is `disconnected` may come back by itself for so long. */
const PATIENCE_MS = 2_000;

/** Keeps a connection alive by restarts that are not too many, and does its work one thing after the other. */
export class Upkeep {
  #connection: RTCPeerConnection;
  #events: Pick<LinkEvents, "onConnection" | "onExhausted">;
  /** Whether a restart can lead anywhere now. */
  #useful: () => boolean;
  #restarts = new Restarts();
  #watch: ReturnType<typeof setTimeout> | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(connection: RTCPeerConnection, events: Pick<LinkEvents, "onConnection" | "onExhausted">, useful: () => boolean = () => true) {
    this.#connection = connection;
    this.#events = events;
    this.#useful = useful;
    connection.onconnectionstatechange = () => { this.#changed(connection.connectionState); };
  }

  restart(): void {
    if (!this.#useful()) return;
    const now = Date.now();
    const wait = this.#restarts.wait(now);
    clearTimeout(this.#watch);
    if (wait > 0) this.restartLater(wait);
    else if (this.#restarts.note(now)) this.#connection.restartIce();
    else this.#events.onExhausted();
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

  /** Whether the connection is down as far as anybody knows. */
  isDown(): boolean {
    return this.#connection.connectionState === "failed" || this.#connection.connectionState === "disconnected";
  }

  #changed(state: RTCPeerConnectionState): void {
    this.#events.onConnection(state);
    clearTimeout(this.#watch);
    if (state === "failed") this.restart();
    if (state === "disconnected") this.restartLater(PATIENCE_MS);
  }

  #isWell(): boolean {
    return this.#connection.connectionState === "connected" || this.#connection.connectionState === "closed";
  }
}
