import { client } from "../api/client";
import { problemOf, Refused } from "../api/problem";
import { withCaption } from "./captions";
import { Judge } from "./judge";
import type { Link } from "./link";
import { Links } from "./links";
import type { ClientMessage, MediaState, Precheck, ServerMessage } from "./messages";
import { answered, fold } from "./room";
import { safetyCode } from "./safety";
import { verdictOf } from "./score";
import { openScreen } from "./screen";
import { Signal } from "./signal";
import { type CallView, emptyView } from "./view";
import { Watch } from "./watch";

/** Names of the relay older than this are asked for anew before another way is looked for. */
const RELAY_FRESH_MS = 240_000;
/** How long a restart waits for new names: a relay's are indispensable where nothing but the relay may be used. */
const RELAY_WAIT_MS = { all: 1_000, relay: 4_000 };

/** A ticket that is refused like this is refused the next time as well. */
const FINAL_STATUSES: ReadonlySet<number> = new Set([401, 403, 404, 410]);

export type { CallView } from "./view";

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
  #links: Links;
  #watch: Watch;
  #judge: Judge;
  #listeners = new Set<() => void>();
  #relayAt = 0;
  #renewal: ReturnType<typeof setInterval> | undefined;
  #renewing = new Map<string, ReturnType<typeof setTimeout>>();
  #codedFor = "";
  /** Nothing is sent any more. */
  #over = false;
  #view: CallView;

  constructor(options: CallOptions) {
    this.#options = options;
    // What was switched off before stays off: the tracks remember it.
    const on = (tracks: MediaStreamTrack[]) => tracks.some((track) => track.enabled);
    this.#view = { ...emptyView, audio: on(options.stream.getAudioTracks()), video: on(options.stream.getVideoTracks()) };
    const url = new URL(`/api/visits/${options.booking}/signal`, window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#signal = new Signal({
      url: url.href,
      tab: randomId(),
      ticket: () => this.#ticket(),
      isFinal: (error) => this.#isFinal(error),
      onMessage: (message) => { this.#receive(message); },
      onStatus: (signal) => {
        this.#show({ signal });
        if (signal === "over") this.#closeMedia(); // also where a ticket was refused, and no farewell came
      },
    });
    this.#links = new Links({
      stream: options.stream,
      policy: options.policy,
      send: (message) => { this.#signal.send(message); },
      reachable: () => this.#view.signal === "ready",
      drop: (pc) => {
        this.#judge.drop(pc);
        this.#signal.drop((message) => (message.t === "sdp" || message.t === "ice") && message.pc === pc);
      },
      onChange: () => { this.#changed(); },
      expects: (who) => this.#view.room.participants.some((one) => one.participant === who && one.video !== false && one.role !== "staff" && one.role !== "observer"),
      returning: (who) => this.#view.room.participants.some((one) => one.participant === who && one.state === "reconnecting"),
    });
    this.#watch = new Watch({
      links: () => this.#links.all(),
      probe: () => { this.#signal.probe(); },
      hurry: () => { this.#signal.hurry(); },
      renew: (link) => { this.#renew(link); },
      onStill: (still) => { this.#show({ still: [...still].some((pc) => pc === this.#links.newest()?.pc) }); },
      onSample: (link, sample) => { this.#judge.look(link, sample); },
    });
    this.#judge = new Judge({
      send: (message) => { this.#signal.send(message); },
      peopleOf: (pc) => this.#links.peopleOf(pc),
      shows: (who) => this.#view.room.participants.some((one) => one.participant === who && one.video === true),
      topology: () => this.#view.room.topology,
      isNewest: (link) => link === this.#links.newest(),
      onVerdict: (verdict) => { this.#show({ verdict }); },
      onSpared: (spared) => {
        if (spared === this.#view.spared) return;
        this.#show({ spared });
        this.#tellState();
      },
    });
  }

  start(): void {
    this.#watch.start();
    // Whoever waits for long must not come in with names that open no way any more.
    this.#renewal = setInterval(() => { this.#signal.send({ t: "turn" }); }, RELAY_FRESH_MS);
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

  /** Asks somebody who waits for more patience. */
  hold(participant: string): void {
    this.#signal.send({ t: "hold", participant });
  }

  /** The patient's answer to whether a third person may come in. */
  consent(participant: string, yes: boolean): void {
    this.#show({ room: answered(this.#view.room, participant) });
    this.#signal.send({ t: "consent", participant, yes });
  }

  /** What was found out about the devices since the knock. */
  tellPrecheck(result: Precheck): void {
    this.#options = { ...this.#options, precheck: result };
    this.#signal.send({ t: "precheck", result });
  }

  setAudio(audio: boolean): void {
    for (const track of this.#options.stream.getAudioTracks()) track.enabled = audio;
    this.#show({ audio, muteAsked: false });
    this.#tellState();
  }

  setVideo(video: boolean): void {
    for (const track of this.#options.stream.getVideoTracks()) track.enabled = video;
    this.#show({ video });
    this.#tellState();
  }

  /** Shows the own screen to the others, or no longer. */
  async setScreen(shown: boolean): Promise<void> {
    const before = this.#view.screen;
    const track = shown ? await openScreen(() => { void this.setScreen(false); }) : undefined;
    if (shown && !track) return;
    // The choice takes its time: the visit may be over, or another screen on show by now.
    if (this.#over || this.#view.screen !== before) {
      track?.stop();
      return;
    }
    before?.stop();
    this.#show({ screen: track });
    await this.#links.send("screen", track);
    this.#tellState();
  }

  say(text: string): void {
    const id = randomId();
    this.#show({ chat: [...this.#view.chat, { id, from: undefined, text }] });
    this.#signal.send({ t: "chat", text, client_id: id });
  }

  /** Writes what is being said; `final` closes the line. */
  caption(text: string, lang: string, final: boolean): void {
    this.#show({ captions: withCaption(this.#view.captions, { from: this.#view.room.self, text, lang, interim: !final }) });
    this.#signal.send({ t: "caption", text, lang, final });
  }

  /** Asks somebody to switch the microphone off: clinicians. */
  askToMute(participant: string): void {
    this.#signal.send({ t: "mute_request", participant });
  }

  /** The microphone stays on although quiet was asked for. */
  keepTalking(): void {
    this.#show({ muteAsked: false });
  }

  /** Ends the visit for all: clinicians. */
  end(): void {
    this.#signal.send({ t: "end", reason: "done" });
    this.#show({ left: true });
    this.#closeMedia();
  }

  /** Hangs up on this side only. */
  leave(): void {
    this.#show({ left: true });
    this.stop({ t: "leave" });
  }

  /** Puts everything away; the local stream belongs to the page. */
  stop(last?: ClientMessage): void {
    this.#watch.stop();
    clearInterval(this.#renewal);
    this.#closeMedia();
    this.#signal.close(last);
  }

  /** Whether the refusal of a ticket stays one; says why where there is more to say than that the visit is over. */
  #isFinal(error: unknown): boolean {
    const { code, status } = problemOf(error);
    const bye = status === 401 ? "signed_out" : code;
    if (bye === "signed_out" || bye === "removed") this.#show({ bye });
    return code === "too_late" || FINAL_STATUSES.has(status);
  }

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
        this.#renewed();
        this.#align();
        this.#links.resync();
        this.#enter();
        break;
      case "resumed":
        this.#renewed();
        if (message.snapshot) this.#align();
        this.#links.resync();
        if (message.snapshot || this.#view.room.admission === "none") this.#enter(); // the knock may have been lost on the way
        break;
      case "snapshot":
      case "topology":
        this.#align();
        break;
      case "participant":
        if (message.event !== "left") this.#links.resync(message.participant);
        break;
      case "tracks":
        this.#links.assign(message.tracks);
        break;
      case "sdp":
        this.#links.get(message.pc)?.describe(message.neg, message.desc);
        break;
      case "ice":
        this.#links.get(message.pc)?.addCandidates(message.neg, message.cands);
        break;
      case "ice_servers":
        this.#renewed();
        break;
      case "visit":
        if (message.state === "ended") this.#closeMedia();
        break;
      case "bye":
        this.#show({ bye: message.code });
        if (message.reconnect === "never") this.#closeMedia();
        break;
      default:
        this.#hear(message);
    }
  }

  /** What others say, in whatever way. */
  #hear(message: ServerMessage): void {
    const { self } = this.#view.room;
    switch (message.t) {
      case "chat":
        if (message.from !== self) this.#show({ chat: [...this.#view.chat, { id: randomId(), from: message.from, text: message.text }] });
        break;
      case "caption": {
        const { from, text, lang, final } = message;
        if (from !== self) this.#show({ captions: withCaption(this.#view.captions, { from, text, lang, interim: !final }) });
        break;
      }
      case "quality":
        if (message.score !== undefined) this.#show({ verdicts: { ...this.#view.verdicts, [message.from]: verdictOf(message.score) } });
        break;
      case "moderation":
        if (this.#view.audio) this.#show({ muteAsked: true });
        break;
      case "error":
        this.#show({ refused: message.code });
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
    const { audio, video, spared, screen, room } = this.#view;
    if (this.#options.side !== "clinic" && room.admission !== "admitted") return;
    const state: MediaState = { audio, video: video && !spared, ...(screen ? { screen: true } : {}) };
    if (!state.video) state.video_off_by = video ? "line" : "user";
    this.#signal.send({ t: "state", ...state });
  }

  #align(): void {
    this.#links.align(this.#view.room.topology, this.#view.room.iceServers);
  }

  #changed(): void {
    this.#show({ media: this.#links.state(), seen: this.#links.seen() });
    void this.#code();
  }

  /** The words that both ends have in common; there are none where the clinic's server stands between them. */
  async #code(): Promise<void> {
    const link = this.#view.room.topology.mode === "p2p" ? this.#links.newest() : undefined;
    const [local, remote] = [link?.connection.currentLocalDescription?.sdp, link?.connection.currentRemoteDescription?.sdp];
    if (!link || !local || !remote) {
      if (this.#codedFor !== "") this.#show({ safety: undefined });
      this.#codedFor = "";
      return;
    }
    if (this.#codedFor === link.pc) return;
    this.#codedFor = link.pc;
    const safety = await safetyCode(local, remote);
    if (this.#codedFor === link.pc) this.#show({ safety });
  }

  /** Names of the relay came: every connection uses them, and those that waited for them look for another way. */
  #renewed(): void {
    this.#relayAt = Date.now();
    this.#links.renew(this.#view.room.iceServers);
    for (const pc of [...this.#renewing.keys()]) this.#restart(pc);
  }

  /** Another way for a connection on which nothing arrives, with names that the relay takes. */
  #renew(link: Link): void {
    const { iceServers } = this.#view.room;
    if (Date.now() - this.#relayAt < RELAY_FRESH_MS || iceServers.every((one) => !one.username)) {
      link.restart();
      return;
    }
    if (this.#renewing.has(link.pc)) return;
    this.#renewing.set(link.pc, setTimeout(() => { this.#restart(link.pc); }, RELAY_WAIT_MS[this.#options.policy]));
    this.#signal.send({ t: "turn" });
  }

  #restart(pc: string): void {
    clearTimeout(this.#renewing.get(pc));
    this.#renewing.delete(pc);
    this.#links.get(pc)?.restart();
  }

  #closeMedia(): void {
    this.#over = true;
    this.#view.screen?.stop();
    for (const timer of this.#renewing.values()) clearTimeout(timer);
    this.#renewing.clear();
    this.#links.close();
    this.#show({ screen: undefined, spared: false, still: false, verdict: undefined });
  }

  #show(change: Partial<CallView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
