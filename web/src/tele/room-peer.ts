import type { Kind, Link, LinkEvents } from "./link";
import type { ClientMessage, Description, RoomTrack } from "./messages";
import { Upkeep } from "./upkeep";

/** Whom one page sees besides itself, at most; the server's rooms have the same number. */
export const OTHERS = 5;
/** An offer that is not answered by then is said again. */
const ANSWER_MS = 5_000;

export interface RoomPeerOptions extends LinkEvents {
  pc: string;
  configuration: RTCConfiguration;
  /** Voice and face; the screen comes later, by `send`. */
  stream: MediaStream;
  send: (message: ClientMessage) => void;
}

/**
 * The one connection of this page to the forwarding room. This side alone offers, once for all others that may ever come:
 * voice, face and screen go up, and there are slots for the voices and faces of five others and for one screen. The server
 * tells who is in which slot.
 */
export class RoomPeer implements Link {
  readonly pc: string;
  readonly connection: RTCPeerConnection;
  #options: RoomPeerOptions;
  #up: Record<Kind, RTCRtpTransceiver>;
  #owners = new Map<string, string>();
  #sent = 0;
  #answer: ReturnType<typeof setTimeout> | undefined;
  #upkeep: Upkeep;

  constructor(options: RoomPeerOptions) {
    this.#options = options;
    this.pc = options.pc;
    this.connection = new RTCPeerConnection(options.configuration);
    this.#upkeep = new Upkeep(this.connection, options);
    this.connection.onnegotiationneeded = () => { this.#upkeep.then(() => this.#offer()); };
    const { stream } = options;
    const up = (track: MediaStreamTrack | undefined, kind: "audio" | "video"): RTCRtpTransceiver =>
      this.connection.addTransceiver(track ?? kind, { direction: "sendonly", streams: [stream] });
    this.#up = { audio: up(stream.getAudioTracks()[0], "audio"), video: up(stream.getVideoTracks()[0], "video"), screen: up(undefined, "video") };
    for (let slot = 0; slot < OTHERS; slot += 1) this.connection.addTransceiver("audio", { direction: "recvonly" });
    for (let slot = 0; slot < OTHERS + 1; slot += 1) this.connection.addTransceiver("video", { direction: "recvonly" });
  }

  /** The room's answer; it never offers. */
  describe(neg: number, description: Description): void {
    this.#upkeep.then(async () => {
      if (neg !== this.#sent || description.type !== "answer" || this.connection.signalingState !== "have-local-offer") return;
      clearTimeout(this.#answer);
      await this.connection.setRemoteDescription(description);
    });
  }

  /** The answer holds all of the room's addresses, and the room learns this page's when it knocks: neither side sends any. */
  addCandidates(): void {
    // nothing to do, as said above
  }

  resync(): void {
    if (this.connection.signalingState === "have-local-offer") this.#tell();
    else this.#upkeep.resync();
  }

  restart(): void {
    this.#upkeep.restart();
  }

  async send(kind: Kind, track: MediaStreamTrack | undefined): Promise<void> {
    await this.#up[kind].sender.replaceTrack(track ?? null);
  }

  sender(kind: Kind): RTCRtpSender {
    return this.#up[kind].sender;
  }

  ownerOf(mid: string): string | undefined {
    return this.#owners.get(mid);
  }

  /** A slot's track stays the same whoever is in it. */
  assign(tracks: RoomTrack[]): void {
    this.#owners = new Map(tracks.map(({ mid, participant }) => [mid, participant]));
    for (const { mid, participant, kind } of tracks) {
      const slot = this.connection.getTransceivers().find((one) => one.mid === mid);
      if (slot) this.#options.onTrack(participant, kind, slot.receiver.track);
    }
  }

  close(): void {
    this.#upkeep.stop();
    clearTimeout(this.#answer);
    this.connection.close();
  }

  async #offer(): Promise<void> {
    if (this.connection.signalingState !== "stable") return;
    await this.connection.setLocalDescription();
    this.#tell();
  }

  /** Says the offer, and says it again until it is answered. */
  #tell(): void {
    clearTimeout(this.#answer);
    const offer = this.connection.localDescription;
    if (this.connection.signalingState !== "have-local-offer" || offer?.type !== "offer") return;
    this.#sent += 1;
    this.#options.send({ t: "sdp", pc: this.pc, neg: this.#sent, desc: { type: "offer", sdp: offer.sdp } });
    this.#answer = setTimeout(() => { this.#tell(); }, ANSWER_MS);
  }
}
