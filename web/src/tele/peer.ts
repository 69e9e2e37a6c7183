import type { Candidate, ClientMessage, Description, PeerLink } from "./messages";

/** Candidates are gathered this long before they are sent, at most twenty at a time. */
const BATCH_MS = 50;
const BATCH_MOST = 20;
/** The polite side lets the other one offer first, so that the two rarely collide. */
const POLITE_WAIT_MS = 1_500;
/** A connection that is `disconnected` may come back by itself for so long. */
const PATIENCE_MS = 2_000;
/** Shortest time between two restarts. */
const RESTART_GAP_MS = 5_000;

export interface PeerOptions {
  link: PeerLink;
  configuration: RTCConfiguration;
  stream: MediaStream;
  send: (message: ClientMessage) => void;
  onStream: (stream: MediaStream) => void;
  onConnection: (state: RTCPeerConnectionState) => void;
}

/** One connection to one other participant, negotiated without fear of both offering at once. */
export class Peer {
  readonly link: PeerLink;
  readonly connection: RTCPeerConnection;
  #options: PeerOptions;
  #makingOffer = false;
  #ignoringOffer = false;
  #settingAnswer = false;
  #sent = 0;
  #seen = 0;
  #candidates: Candidate[] = [];
  #batch: ReturnType<typeof setTimeout> | undefined;
  #first: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #lastRestart = 0;
  #work: Promise<void> = Promise.resolve();
  #remote = new MediaStream();

  constructor(options: PeerOptions) {
    this.#options = options;
    this.link = options.link;
    this.connection = new RTCPeerConnection(options.configuration);
    this.#listen();
    for (const track of options.stream.getTracks()) this.connection.addTrack(track, options.stream);
  }

  /** A description from the other side. Messages are handled one after the other. */
  describe(neg: number, description: Description): void {
    this.#then(() => this.#take(neg, description));
  }

  /** Candidates from the other side; those of a description given up are dropped. */
  addCandidates(neg: number, candidates: Candidate[]): void {
    this.#then(async () => {
      if (neg < this.#seen) return;
      for (const candidate of candidates) {
        try {
          await this.connection.addIceCandidate(candidate);
        } catch (error) {
          if (!this.#ignoringOffer) console.warn("candidate refused", error);
        }
      }
    });
  }

  /** The signaling came back, or the other side did: says again what may have been lost. */
  resync(): void {
    if (this.connection.signalingState === "have-local-offer") this.#sendDescription();
    else if (this.connection.connectionState === "failed" || this.connection.connectionState === "disconnected") this.restart();
  }

  /** Looks for a new way between the two, not more often than every five seconds. */
  restart(): void {
    const now = Date.now();
    const wait = this.#lastRestart + RESTART_GAP_MS - now;
    clearTimeout(this.#watch);
    if (wait > 0) {
      this.#watch = setTimeout(() => { if (!this.#isWell()) this.restart(); }, wait);
      return;
    }
    this.#lastRestart = now;
    this.connection.restartIce();
  }

  /** Sends another track in place of the one of its kind. */
  async replace(track: MediaStreamTrack): Promise<void> {
    const sender = this.connection.getSenders().find((one) => one.track?.kind === track.kind);
    await sender?.replaceTrack(track);
  }

  close(): void {
    for (const timer of [this.#batch, this.#first, this.#watch]) clearTimeout(timer);
    this.connection.close();
  }

  #listen(): void {
    const { connection } = this;
    connection.onnegotiationneeded = () => {
      if (this.link.polite && this.#seen === 0 && this.#sent === 0) {
        clearTimeout(this.#first);
        this.#first = setTimeout(() => { if (this.#seen === 0) this.#then(() => this.#offer()); }, POLITE_WAIT_MS);
      } else {
        this.#then(() => this.#offer());
      }
    };
    connection.onicecandidate = ({ candidate }) => { this.#gathered(candidate); };
    connection.ontrack = ({ track }) => {
      for (const old of this.#remote.getTracks()) if (old.kind === track.kind && old !== track) this.#remote.removeTrack(old);
      this.#remote.addTrack(track);
      this.#options.onStream(this.#remote);
    };
    connection.onconnectionstatechange = () => { this.#changed(connection.connectionState); };
  }

  #changed(state: RTCPeerConnectionState): void {
    this.#options.onConnection(state);
    clearTimeout(this.#watch);
    if (state === "failed") this.restart();
    if (state === "disconnected") this.#watch = setTimeout(() => { if (!this.#isWell()) this.restart(); }, PATIENCE_MS);
  }

  #isWell(): boolean {
    return this.connection.connectionState === "connected" || this.connection.connectionState === "closed";
  }

  /** Puts work in a line: descriptions and candidates must not overtake each other. */
  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.connection.signalingState === "closed") return;
      await work();
    }).catch((error: unknown) => { console.warn("negotiation", error); });
  }

  async #offer(): Promise<void> {
    if (this.connection.signalingState !== "stable") return;
    try {
      this.#makingOffer = true;
      await this.connection.setLocalDescription();
      this.#sendDescription();
    } finally {
      this.#makingOffer = false;
    }
  }

  async #take(neg: number, description: Description): Promise<void> {
    if (neg <= this.#seen) return;
    this.#seen = neg;
    const { connection } = this;
    const free = !this.#makingOffer && (connection.signalingState === "stable" || this.#settingAnswer);
    this.#ignoringOffer = description.type === "offer" && !free && !this.link.polite;
    if (this.#ignoringOffer) return;
    if (description.type === "answer" && connection.signalingState !== "have-local-offer") return;
    this.#settingAnswer = description.type === "answer";
    try {
      await connection.setRemoteDescription(description); // rolls our own offer back when the two collide
    } finally {
      this.#settingAnswer = false;
    }
    if (description.type === "offer") {
      await connection.setLocalDescription();
      this.#sendDescription();
    }
  }

  #sendDescription(): void {
    const description = this.connection.localDescription;
    if (!description || (description.type !== "offer" && description.type !== "answer")) return;
    this.#sent += 1;
    const { participant, pc } = this.link;
    this.#options.send({ t: "sdp", to: participant, pc, neg: this.#sent, desc: { type: description.type, sdp: description.sdp } });
  }

  #gathered(candidate: RTCIceCandidate | null): void {
    if (candidate?.candidate) {
      const { sdpMid, sdpMLineIndex, usernameFragment } = candidate;
      this.#candidates.push({ candidate: candidate.candidate, sdpMid, sdpMLineIndex, usernameFragment });
      if (this.#candidates.length < BATCH_MOST) {
        this.#batch ??= setTimeout(() => { this.#flush(false); }, BATCH_MS);
        return;
      }
    }
    this.#flush(candidate === null);
  }

  #flush(end: boolean): void {
    clearTimeout(this.#batch);
    this.#batch = undefined;
    if (this.#candidates.length === 0 && !end) return;
    const { participant, pc } = this.link;
    this.#options.send({ t: "ice", to: participant, pc, neg: this.#sent, cands: this.#candidates, ...(end ? { end } : {}) });
    this.#candidates = [];
  }
}
