import { client } from "../api/client";
import { problemOf, Refused } from "../api/problem";
import type { ClientMessage, Precheck, ServerMessage } from "./messages";
import { Peer } from "./peer";
import { measure, qualityBetween, type Sample } from "./quality";
import { emptyRoom, fold, type Room } from "./room";
import { Signal, type SignalStatus } from "./signal";

/** How often the quality of a connection is told to the server. */
const QUALITY_MS = 5_000;
/** How often credentials for the relay are renewed: they open new ways through it for five minutes. */
const RENEW_MS = 240_000;

export interface ChatLine {
  id: string;
  mine: boolean;
  text: string;
}

/** All that a screen of the visit shows. Never changed in place. */
export interface CallView {
  room: Room;
  signal: SignalStatus;
  /** State of the media connection; absent while there is none. */
  media: RTCPeerConnectionState | undefined;
  remote: MediaStream | undefined;
  audio: boolean;
  video: boolean;
  chat: ChatLine[];
  /** This side hung up. */
  left: boolean;
  /** Why the server sent us away, when it did. */
  bye: string | undefined;
  /** Why the server did not do what was last asked for, by its code. */
  refused: string | undefined;
}

export interface CallOptions {
  booking: string;
  policy: RTCIceTransportPolicy;
  stream: MediaStream;
  /** By which door this side comes in: each has its own session. */
  side: "patient" | "clinic";
  /** What the device check found; sent with the knock. Patients only. */
  precheck?: Precheck | undefined;
}

function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One visit as this page takes part in it: the socket, the connections, and what is shown of both. */
export class Call {
  #options: CallOptions;
  #signal: Signal;
  #peers = new Map<string, Peer>();
  #samples = new Map<string, Sample>();
  #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #renewal: ReturnType<typeof setInterval> | undefined;
  #view: CallView = {
    room: emptyRoom, signal: "connecting", media: undefined, remote: undefined, audio: true, video: true, chat: [], left: false, bye: undefined, refused: undefined,
  };

  constructor(options: CallOptions) {
    this.#options = options;
    const url = new URL(`/api/visits/${options.booking}/signal`, window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#signal = new Signal({
      url: url.href,
      tab: randomId(),
      ticket: () => this.#ticket(),
      isFinal: (error) => [401, 403, 404, 410].includes(problemOf(error).status),
      onMessage: (message) => { this.#receive(message); },
      onStatus: (signal) => { this.#show({ signal }); },
    });
  }

  start(): void {
    window.addEventListener("online", this.#online);
    this.#timer = setInterval(() => { void this.#report(); }, QUALITY_MS);
    this.#renewal = setInterval(() => { this.#signal.send({ t: "turn" }); }, RENEW_MS);
    this.#signal.start();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  };

  readonly view = (): CallView => this.#view;

  admit(participant: string): void {
    this.#show({ refused: undefined });
    this.#signal.send({ t: "admit", participant });
  }

  deny(participant: string): void {
    this.#signal.send({ t: "deny", participant });
  }

  setAudio(audio: boolean): void {
    for (const track of this.#options.stream.getAudioTracks()) track.enabled = audio;
    this.#show({ audio });
    this.#tellState();
  }

  setVideo(video: boolean): void {
    for (const track of this.#options.stream.getVideoTracks()) track.enabled = video;
    this.#show({ video });
    this.#tellState();
  }

  say(text: string): void {
    const id = randomId();
    this.#show({ chat: [...this.#view.chat, { id, mine: true, text }] });
    this.#signal.send({ t: "chat", text, client_id: id });
  }

  /** Ends the visit for all: clinicians. */
  end(): void {
    this.#signal.send({ t: "end", reason: "done" });
    this.#show({ left: true });
    this.#closePeers();
  }

  /** Hangs up on this side only. */
  leave(): void {
    this.#show({ left: true });
    this.stop({ t: "leave" });
  }

  /** Puts everything away; the local stream belongs to the page. */
  stop(last?: ClientMessage): void {
    window.removeEventListener("online", this.#online);
    clearInterval(this.#timer);
    clearInterval(this.#renewal);
    this.#closePeers();
    this.#signal.close(last);
  }

  readonly #online = (): void => {
    this.#signal.hurry();
    for (const peer of this.#peers.values()) if (peer.connection.connectionState !== "connected") peer.restart();
  };

  async #ticket(): Promise<string> {
    const params = { path: { id: this.#options.booking } };
    const { data, error } = this.#options.side === "clinic"
      ? await client.POST("/api/clinic/visits/{id}/signal-ticket", { params })
      : await client.POST("/api/visits/{id}/signal-ticket", { params });
    if (!data) throw new Refused(error);
    return data.ticket;
  }

  #receive(message: ServerMessage): void {
    this.#show({ room: fold(this.#view.room, message) });
    switch (message.t) {
      case "welcome":
        this.#align();
        for (const peer of this.#peers.values()) peer.resync();
        this.#enter();
        break;
      case "resumed":
        if (message.snapshot) this.#align();
        for (const peer of this.#peers.values()) peer.resync();
        if (message.snapshot || this.#view.room.admission === "none") this.#enter(); // the knock may have been lost on the way
        break;
      case "snapshot":
      case "topology":
        this.#align();
        break;
      case "participant":
        if (message.event !== "left") this.#peerOf(message.participant)?.resync();
        break;
      case "ice_servers":
        for (const peer of this.#peers.values()) peer.connection.setConfiguration(this.#configuration());
        break;
      case "sdp":
        this.#peers.get(message.pc)?.describe(message.neg, message.desc);
        break;
      case "ice":
        this.#peers.get(message.pc)?.addCandidates(message.neg, message.cands);
        break;
      case "chat":
        if (message.from !== this.#view.room.self) this.#show({ chat: [...this.#view.chat, { id: randomId(), mine: false, text: message.text }] });
        break;
      case "visit":
        if (message.state === "ended") this.#closePeers();
        break;
      case "error":
        this.#show({ refused: message.code });
        break;
      case "bye":
        this.#show({ bye: message.code });
        if (message.reconnect === "never") this.#closePeers();
        break;
      default:
        break;
    }
  }

  /** After each welcome: patients knock by themselves, clinics are in the room at once. Knocking twice changes nothing. */
  #enter(): void {
    if (this.#options.side === "clinic" || this.#view.room.admission === "admitted") {
      this.#tellState();
      return;
    }
    if (this.#options.precheck) this.#signal.send({ t: "precheck", result: this.#options.precheck });
    this.#signal.send({ t: "knock" });
  }

  #tellState(): void {
    const { audio, video, room } = this.#view;
    if (room.admission === "admitted" || room.role !== "patient") this.#signal.send({ t: "state", audio, video });
  }

  #configuration(): RTCConfiguration {
    const iceServers = this.#view.room.iceServers.map(({ urls, username, credential }) => ({ urls, ...(username ? { username } : {}), ...(credential ? { credential } : {}) }));
    return { iceTransportPolicy: this.#options.policy, iceServers };
  }

  /** Keeps every connection whose id is still listed, closes the others, opens the new ones. */
  #align(): void {
    const { topology } = this.#view.room;
    const wanted = new Set(topology.peers.map((link) => link.pc));
    for (const [pc, peer] of this.#peers) {
      if (wanted.has(pc) || this.#outlives(peer)) continue;
      peer.close();
      this.#peers.delete(pc);
      this.#samples.delete(pc);
      this.#signal.drop((message) => (message.t === "sdp" || message.t === "ice") && message.pc === pc);
      this.#show({ media: undefined, remote: undefined });
    }
    for (const link of topology.peers) {
      if (this.#peers.has(link.pc)) continue;
      this.#show({ media: "new" });
      this.#peers.set(link.pc, new Peer({
        link,
        stream: this.#options.stream,
        configuration: this.#configuration(),
        send: (message) => { this.#signal.send(message); },
        onStream: (remote) => { this.#show({ remote }); },
        onConnection: (media) => { this.#show({ media }); },
      }));
    }
  }

  /** Whether a connection goes on though the server lists none: picture and sound need no server, and the other one is looked for. */
  #outlives(peer: Peer): boolean {
    const { topology, participants } = this.#view.room;
    const other = participants.find((one) => one.participant === peer.link.participant);
    return topology.mode === "none" && other?.state === "reconnecting" && peer.connection.connectionState === "connected";
  }

  #peerOf(participant: string): Peer | undefined {
    return [...this.#peers.values()].find((peer) => peer.link.participant === participant);
  }

  #closePeers(): void {
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
    this.#samples.clear();
    this.#show({ media: undefined, remote: undefined });
  }

  async #report(): Promise<void> {
    for (const [pc, peer] of this.#peers) {
      if (peer.connection.connectionState !== "connected") continue;
      try {
        const now = await measure(peer.connection);
        this.#signal.send({ t: "quality", pc, ...qualityBetween(this.#samples.get(pc), now) });
        this.#samples.set(pc, now);
      } catch {
        // a connection that was closed meanwhile has nothing to report
      }
    }
  }

  #show(change: Partial<CallView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
