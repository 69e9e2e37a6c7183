import type { Kind, Link, LinkEvents } from "./link";
import type { Candidate, ClientMessage, Description, PeerLink } from "./messages";
import { Upkeep } from "./upkeep";

/** Candidates are gathered this long before they are sent, at most twenty at a time. */
const BATCH_MS = 50;
const BATCH_MOST = 20;
/** The polite side lets the other one offer first, at the beginning and when a way is lost, so that the two rarely collide. */
const POLITE_WAIT_MS = 1_500;

export interface PeerOptions extends LinkEvents {
  link: PeerLink;
  configuration: RTCConfiguration;
  /** Voice and face; the screen comes later, by `send`. */
  stream: MediaStream;
  send: (message: ClientMessage) => void;
  /** Whether what is sent reaches the other side now. */
  reachable?: () => boolean;
}

/** One connection to one other participant, negotiated without fear of both offering at once. */
export class Peer implements Link {
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
  #upkeep: Upkeep;
  #senders = new Map<Kind, RTCRtpSender>();
  #screen: RTCRtpTransceiver | undefined;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.link = options.link;
    this.connection = new RTCPeerConnection(options.configuration);
    // An offer that nobody hears leads nowhere and stands in the way of the other side's; `resync` makes up for it.
    const { onConnection, onExhausted, reachable = () => true, link } = options;
    this.#upkeep = new Upkeep(this.connection, { onConnection, onExhausted, useful: reachable, lag: link.polite ? POLITE_WAIT_MS : 0 });
    this.#listen();
    for (const track of options.stream.getTracks()) {
      this.#senders.set(track.kind === "audio" ? "audio" : "video", this.connection.addTrack(track, options.stream));
    }
  }

  get pc(): string {
    return this.link.pc;
  }

  /** A description from the other side. Messages are handled one after the other. */
  describe(neg: number, description: Description): void {
    this.#upkeep.then(() => this.#take(neg, description));
  }

  /** Candidates from the other side; those of a description given up are dropped. */
  addCandidates(neg: number, candidates: Candidate[]): void {
    this.#upkeep.then(async () => {
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

  resync(): void {
    if (this.connection.signalingState === "have-local-offer") this.#sendDescription();
    else this.#upkeep.resync();
  }

  restart(): void {
    this.#upkeep.restart();
  }

  async send(kind: Kind, track: MediaStreamTrack | undefined): Promise<void> {
    if (kind === "screen") {
      await this.#sendScreen(track);
      return;
    }
    const sender = this.#senders.get(kind);
    if (sender) await sender.replaceTrack(track ?? null);
    else if (track) this.#senders.set(kind, this.connection.addTrack(track, this.#options.stream));
  }

  sender(kind: Kind): RTCRtpSender | undefined {
    return this.#senders.get(kind);
  }

  ownerOf(): string {
    return this.link.participant;
  }

  close(): void {
    this.#upkeep.stop();
    for (const timer of [this.#batch, this.#first]) clearTimeout(timer);
    this.connection.close();
  }

  /** The screen has a media section of its own, behind those of the camera; it is used again when the screen is shown again. */
  async #sendScreen(track: MediaStreamTrack | undefined): Promise<void> {
    if (this.#screen) {
      await this.#screen.sender.replaceTrack(track ?? null);
      this.#screen.direction = track ? "sendonly" : "inactive";
    } else if (track) {
      this.#screen = this.connection.addTransceiver(track, { direction: "sendonly", streams: [new MediaStream([track])] });
      this.#senders.set("screen", this.#screen.sender);
    }
  }

  /** Whether a track that arrives is the other side's screen: it is no screen that comes under the first section with a picture. */
  #kindOf(transceiver: RTCRtpTransceiver): Kind {
    if (transceiver.receiver.track.kind === "audio") return "audio";
    const pictures = this.connection.getTransceivers().filter((one) => one.receiver.track.kind === "video" && one.mid !== null);
    const first = Math.min(...pictures.map((one) => Number(one.mid)));
    return Number(transceiver.mid) > first ? "screen" : "video";
  }

  #listen(): void {
    const { connection } = this;
    connection.onnegotiationneeded = () => {
      if (this.link.polite && this.#seen === 0 && this.#sent === 0) {
        clearTimeout(this.#first);
        this.#first = setTimeout(() => { if (this.#seen === 0) this.#upkeep.then(() => this.#offer()); }, POLITE_WAIT_MS);
      } else {
        this.#upkeep.then(() => this.#offer());
      }
    };
    connection.onicecandidate = ({ candidate }) => { this.#gathered(candidate); };
    connection.ontrack = ({ track, transceiver }) => { this.#options.onTrack(this.link.participant, this.#kindOf(transceiver), track); };
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
    if (description.type === "offer" && restarts(connection.remoteDescription?.sdp, description.sdp)) this.#upkeep.restarted();
    this.#settingAnswer = description.type === "answer";
    const collided = description.type === "offer" && connection.signalingState === "have-local-offer" && connection.currentRemoteDescription !== null;
    try {
      await connection.setRemoteDescription(description); // rolls our own offer back when the two collide
    } finally {
      this.#settingAnswer = false;
    }
    if (description.type === "offer") {
      await connection.setLocalDescription();
      this.#sendDescription();
    }
    // Chromium (148) that took back an offer of a connection that stood says that all is well, and never sends a packet of sound or
    // picture again. Giving senders their track anew brings the picture back, and the sound after as long as it had lasted.
    if (collided) this.#options.onExhausted();
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

/** Whether a description looks for another way than the one before it. */
function restarts(before: string | undefined, sdp: string): boolean {
  const name = (text: string): string | undefined => /^a=ice-ufrag:(.+)$/m.exec(text)?.[1]?.trim();
  return before !== undefined && name(before) !== name(sdp);
}
