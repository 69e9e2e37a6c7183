import { waitBefore } from "./backoff";
import { type ClientMessage, readMessage, type ServerMessage } from "./messages";

/** `away`: the socket is gone and is being opened again; `over`: the server does not want us back. */
export type SignalStatus = "connecting" | "ready" | "away" | "over";

/** Longest silence of the server before the socket is taken for dead, in pings. */
const SILENT_PINGS = 3;

/** A socket that does not answer within this is taken for dead when there is reason to doubt it. */
const PROBE_MS = 1_000;

/** How often the server is told what was handled, when nothing else is said. */
const ACK_MS = 5_000;

/** Not known here: with what was shown. Another ticket may do. */
const UNAUTHORIZED = 4401;

/** Close codes after which trying again cannot help. */
const FINAL_CODES: ReadonlySet<number> = new Set([4403, 4404, 4409, 4410]);

export interface SignalOptions {
  /** Address of the socket, without any secret. */
  url: string;
  /** Fetches a ticket, good for one socket; rejects when refused or offline. */
  ticket: () => Promise<string>;
  /** A refusal that cannot change (the visit is over, it is not ours). */
  isFinal: (error: unknown) => boolean;
  tab: string;
  onMessage: (message: ServerMessage) => void;
  onStatus: (status: SignalStatus) => void;
  /** Tests put their own here. */
  open?: (url: string, protocol: string) => WebSocket;
  random?: () => number;
}

/**
 * The socket of one visit. Comes back by itself for as long as the page is open, with the token that the
 * server gave it, and hears what it missed; where the token is too old, with a fresh ticket. Knows nothing
 * of media, which go on while it is away.
 */
export class Signal {
  #options: SignalOptions;
  #socket: WebSocket | undefined;
  #attempt = 0;
  #nextId = 1;
  #ready = false;
  #closed = false;
  #pingEvery = 10_000;
  #lastHeard = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pings: ReturnType<typeof setInterval> | undefined;
  #probe: ReturnType<typeof setTimeout> | undefined;
  #waitingLine: ClientMessage[] = [];
  /** Opens the next socket without a ticket. */
  #token: string | undefined;
  /** The last message handled, and the last of which the server knows that. */
  #handled = 0;
  #acknowledged = 0;
  #acks: ReturnType<typeof setInterval> | undefined;

  constructor(options: SignalOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.onStatus("connecting");
    this.#plan();
  }

  /** Sends now, or keeps it until the server has welcomed us again. Measurements are not worth keeping. */
  send(message: ClientMessage): void {
    if (this.#ready && this.#socket) this.#write(this.#socket, message);
    else if (message.t !== "quality" && message.t !== "ping" && !this.#closed) this.#waitingLine.push(message);
  }

  /** Tries again at once: the device says it is online. */
  hurry(): void {
    if (this.#ready || this.#closed || this.#socket) return;
    this.#attempt = 0;
    this.#plan();
  }

  /** There is reason to doubt that the server is reached: without an answer within a second the socket is opened anew. */
  probe(): void {
    const socket = this.#socket;
    if (!socket || !this.#ready || this.#probe !== undefined) return;
    const asked = Date.now();
    this.#write(socket, { t: "ping", ts: asked });
    this.#probe = setTimeout(() => {
      this.#probe = undefined;
      if (socket !== this.#socket || this.#lastHeard >= asked) return;
      this.#attempt = 0;
      socket.close();
      this.#lost(socket, 1006);
    }, PROBE_MS);
  }

  /** Forgets what was not sent about a connection that is no more. */
  drop(unwanted: (message: ClientMessage) => boolean): void {
    this.#waitingLine = this.#waitingLine.filter((message) => !unwanted(message));
  }

  /** Says good-bye and stays away. */
  close(last?: ClientMessage): void {
    if (last && this.#ready && this.#socket) this.#write(this.#socket, last);
    this.#finish();
  }

  #finish(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    const socket = this.#forget();
    socket?.close(1000);
    this.#options.onStatus("over");
  }

  #plan(): void {
    clearTimeout(this.#timer);
    const random = this.#options.random ?? Math.random;
    this.#timer = setTimeout(() => { void this.#connect(); }, waitBefore(this.#attempt, random()));
    this.#attempt += 1;
  }

  /** What opens the socket: the token, or a ticket. Nothing when there is none to be had now. */
  async #hello(): Promise<ClientMessage | undefined> {
    const { tab } = this.#options;
    if (this.#token) return { t: "hello", resume: { token: this.#token, last_seq: this.#handled }, tab, caps: [] };
    try {
      return { t: "hello", ticket: await this.#options.ticket(), tab, caps: [] };
    } catch (error) {
      if (this.#closed) return undefined;
      if (this.#options.isFinal(error)) this.#finish();
      else this.#plan();
      return undefined;
    }
  }

  async #connect(): Promise<void> {
    const hello = await this.#hello();
    if (!hello || this.#closed) return;
    const open = this.#options.open ?? ((url, protocol) => new WebSocket(url, protocol));
    const socket = open(this.#options.url, "tele.v1");
    this.#socket = socket;
    this.#heard();
    socket.onopen = () => { this.#write(socket, hello); };
    socket.onmessage = (event: MessageEvent<unknown>) => { this.#receive(socket, event.data); };
    socket.onclose = (event) => { this.#lost(socket, event.code); };
    this.#pings = setInterval(() => { this.#beat(socket); }, this.#pingEvery);
  }

  #receive(socket: WebSocket, frame: unknown): void {
    if (socket !== this.#socket) return;
    this.#heard();
    const message = readMessage(frame);
    if (!message) return;
    const first = message.t === "welcome" || message.t === "resumed";
    if (first) {
      [this.#token, this.#handled, this.#acknowledged] = [message.resume_token, message.seq ?? 0, 0];
      this.#welcomed(socket, message.t === "welcome" ? message.ping_s : undefined);
    } else if (message.seq !== undefined) {
      if (message.seq <= this.#handled) return; // heard before the socket broke
      this.#handled = message.seq;
    }
    this.#options.onMessage(message);
    if (first) this.#flush(socket);
    if (message.t === "bye" && message.reconnect === "rejoin") this.#token = undefined;
    if (message.t === "bye" && message.reconnect === "never") this.#finish();
  }

  #welcomed(socket: WebSocket, pingSeconds: number | undefined): void {
    this.#ready = true;
    this.#attempt = 0;
    if (pingSeconds !== undefined) this.#pingEvery = Math.max(1, pingSeconds || 10) * 1000;
    clearInterval(this.#pings);
    this.#pings = setInterval(() => { this.#beat(socket); }, this.#pingEvery);
    this.#acks = setInterval(() => { if (this.#handled > this.#acknowledged) this.#write(socket, { t: "ack" }); }, ACK_MS);
    this.#options.onStatus("ready");
  }

  #flush(socket: WebSocket): void {
    const line = this.#waitingLine;
    this.#waitingLine = [];
    for (const message of line) this.#write(socket, message);
  }

  #beat(socket: WebSocket): void {
    if (Date.now() - this.#lastHeard > SILENT_PINGS * this.#pingEvery) {
      socket.close();
      this.#lost(socket, 1006); // a dead network answers no close
    } else if (this.#ready) {
      this.#write(socket, { t: "ping", ts: Date.now() });
    }
  }

  #lost(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    this.#forget();
    if (this.#closed) return;
    if (code === UNAUTHORIZED) this.#token = undefined;
    if (FINAL_CODES.has(code)) {
      this.#finish();
      return;
    }
    this.#options.onStatus("away");
    this.#plan();
  }

  #forget(): WebSocket | undefined {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#ready = false;
    clearInterval(this.#pings);
    clearTimeout(this.#probe);
    this.#probe = undefined;
    clearInterval(this.#acks);
    return socket;
  }

  #heard(): void {
    this.#lastHeard = Date.now();
  }

  #write(socket: WebSocket, message: ClientMessage): void {
    if (socket.readyState !== 1) return;
    const ack = this.#ready && this.#handled > this.#acknowledged ? { ack: this.#handled } : {};
    socket.send(JSON.stringify({ ...message, id: this.#nextId, ...ack }));
    if (this.#ready) this.#acknowledged = this.#handled;
    this.#nextId += 1;
  }
}
