import type { Kind, Link } from "./link";
import type { ClientMessage, IceServerInfo, PeerLink, RoomTrack, Topology } from "./messages";
import { Peer } from "./peer";
import { measure } from "./quality";
import { RoomPeer } from "./room-peer";
import { type Seen, Stage } from "./stage";

/** A new connection that carries no picture of everybody is taken for good after so long. */
const READY_MOST_MS = 8_000;
const READY_LOOK_MS = 200;

export interface LinksOptions {
  stream: MediaStream;
  policy: RTCIceTransportPolicy;
  send: (message: ClientMessage) => void;
  /** Whether what is sent reaches the server now. */
  reachable: () => boolean;
  /** Forgets what was not sent yet about a connection that is no more. */
  drop: (pc: string) => void;
  /** What is shown, or the state of a connection, changed. */
  onChange: () => void;
  /** A picture of this person is to be expected. */
  expects: (participant: string) => boolean;
  /** The person is away and comes back: the connection to them stays, whatever the list says. */
  returning: (participant: string) => boolean;
}

/** All connections of the page: which exist, which are being replaced, and what arrives on them. */
export class Links {
  #options: LinksOptions;
  #links = new Map<string, Link>();
  #people = new Map<string, string[]>();
  #stage = new Stage();
  #sending = new Map<Kind, MediaStreamTrack>();
  #ready = new Set<ReturnType<typeof setInterval>>();

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** Keeps every connection whose name is still listed, closes the others, opens the new ones. */
  align(topology: Topology, iceServers: IceServerInfo[]): void {
    const listed = new Map<string, PeerLink[]>();
    for (const link of topology.peers) listed.set(link.pc, [...(listed.get(link.pc) ?? []), link]);
    const keep = new Set([...listed.keys(), ...(topology.keep ?? [])]);
    for (const [pc, link] of this.#links) if (!keep.has(pc) && !this.#waits(link, topology)) this.#close(pc);
    for (const [pc, peers] of listed) {
      this.#people.set(pc, peers.map((peer) => peer.participant));
      if (this.#links.has(pc)) continue;
      const link = this.#open(peers, topology, this.#configuration(iceServers));
      if (!link) continue;
      this.#links.set(pc, link);
      for (const [kind, track] of this.#sending) void link.send(kind, track);
      this.#awaitPictures(link, (topology.keep ?? []).length > 0);
    }
    this.#options.onChange();
  }

  all(): Link[] {
    return [...this.#links.values()];
  }

  get(pc: string): Link | undefined {
    return this.#links.get(pc);
  }

  /** The people at the other end of a connection. */
  peopleOf(pc: string): string[] {
    return this.#people.get(pc) ?? [];
  }

  /** The connection that is to stay: the one opened last. */
  newest(): Link | undefined {
    return this.all().at(-1);
  }

  seen(): Record<string, Seen> {
    return this.#stage.shown();
  }

  /** How the conversation stands: connected while any connection is, else as the newest. */
  state(): RTCPeerConnectionState | undefined {
    const states = this.all().map((link) => link.connection.connectionState);
    return states.includes("connected") ? "connected" : states.at(-1);
  }

  /** The forwarding room says whose media come under which section. */
  assign(tracks: RoomTrack[]): void {
    for (const link of this.#links.values()) link.assign?.(tracks);
  }

  resync(participant?: string): void {
    for (const [pc, link] of this.#links) if (participant === undefined || this.peopleOf(pc).includes(participant)) link.resync();
  }

  /** Sends a track on every connection, and on those to come. */
  async send(kind: Kind, track: MediaStreamTrack | undefined): Promise<void> {
    if (track) this.#sending.set(kind, track);
    else this.#sending.delete(kind);
    await Promise.all(this.all().map((link) => link.send(kind, track)));
  }

  /** Relay servers with names that are good again; used from the next restart on. */
  renew(iceServers: IceServerInfo[]): void {
    for (const link of this.all()) {
      if (link.connection.connectionState !== "closed") link.connection.setConfiguration(this.#configuration(iceServers));
    }
  }

  close(): void {
    for (const pc of [...this.#links.keys()]) this.#close(pc);
    for (const timer of this.#ready) clearInterval(timer);
    this.#ready.clear();
    this.#sending.clear();
    this.#options.onChange();
  }

  #configuration(iceServers: IceServerInfo[]): RTCConfiguration {
    return {
      iceTransportPolicy: this.#options.policy,
      iceServers: iceServers.map(({ urls, username, credential }) => ({ urls, ...(username ? { username } : {}), ...(credential ? { credential } : {}) })),
    };
  }

  /** A server that was started anew does not know yet who was here: nothing that works is closed for that. */
  #waits(link: Link, topology: Topology): boolean {
    return topology.mode === "none" && link.connection.connectionState === "connected" && this.peopleOf(link.pc).some((one) => this.#options.returning(one));
  }

  /** One to whom it leads makes a connection of two; a forwarding room is one connection for all. */
  #open(peers: PeerLink[], topology: Topology, configuration: RTCConfiguration): Link | undefined {
    const [link] = peers;
    if (!link) return undefined;
    const { pc } = link;
    const { stream, send } = this.#options;
    // What is said to somebody who is away waits for them; they come with an offer of their own by then.
    const reachable = () => this.#options.reachable() && !this.#options.returning(link.participant);
    const events = {
      onTrack: (participant: string, kind: Kind, track: MediaStreamTrack) => {
        this.#stage.add(pc, participant, kind, track);
        this.#options.onChange();
      },
      onConnection: () => { this.#options.onChange(); },
      onExhausted: () => { send({ t: "quality", pc, failed: true }); },
    };
    switch (topology.mode) {
      case "p2p":
        return new Peer({ ...events, link, stream, send, reachable, configuration });
      case "room":
        return new RoomPeer({ ...events, pc, stream, send, configuration });
      case "none":
        return undefined;
    }
  }

  #close(pc: string): void {
    this.#links.get(pc)?.close();
    this.#links.delete(pc);
    this.#people.delete(pc);
    this.#stage.drop(pc);
    this.#options.drop(pc);
  }

  /** Waits until the first picture of everybody was decoded; only then are they shown from this connection. */
  #awaitPictures(link: Link, tell: boolean): void {
    const until = Date.now() + READY_MOST_MS;
    const timer = setInterval(() => {
      void this.#pictured(link).then((all) => {
        if (!this.#ready.has(timer) || (!all && Date.now() < until)) return;
        this.#ready.delete(timer);
        clearInterval(timer);
        if (this.#links.get(link.pc) !== link) return;
        this.#stage.ready(link.pc);
        if (tell) this.#options.send({ t: "ready", pc: link.pc });
        this.#options.onChange();
      });
    }, READY_LOOK_MS);
    this.#ready.add(timer);
  }

  async #pictured(link: Link): Promise<boolean> {
    if (link.connection.connectionState !== "connected") return false;
    try {
      const { framesByMid } = await measure(link.connection);
      const from = new Set(Object.entries(framesByMid).filter(([, frames]) => frames > 0).map(([mid]) => link.ownerOf(mid)));
      return this.peopleOf(link.pc).every((one) => from.has(one) || !this.#options.expects(one));
    } catch {
      return false; // it was closed meanwhile
    }
  }
}
