import type { Link } from "./link";
import type { ClientMessage, Topology } from "./messages";
import { concealedBetween, qualityBetween, type Sample } from "./quality";
import { scoreOf, type Verdict, verdictOf } from "./score";
import { apply, type Cap, type Share, Spare } from "./spare";

/** How often a connection is judged, and how often its quality is told to the server: looks are half a second apart. */
const JUDGE_MS = 2_000;
const TELL_MS = 4_800;

export interface JudgeOptions {
  send: (message: ClientMessage) => void;
  /** The people at the other end of a connection. */
  peopleOf: (pc: string) => string[];
  /** The person's camera is on: pictures are expected. */
  shows: (participant: string) => boolean;
  topology: () => Topology;
  /** Whether the connection is the one that counts: another one may be on its way out. */
  isNewest: (link: Link) => boolean;
  onVerdict: (verdict: Verdict) => void;
  /** The line bears no picture of ours any more, or again. */
  onSpared: (spared: boolean) => void;
}

/** What was last known of one connection. */
interface Known {
  judged: Sample;
  told: Sample;
  score: number | undefined;
  spare: Spare;
  share: Share | undefined;
  cap: Cap | undefined;
}

/** Says how good each connection is, tells the server of it, and sends no more than it bears. */
export class Judge {
  #options: JudgeOptions;
  #known = new Map<string, Known>();

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** One look at a connection that is up. */
  look(link: Link, sample: Sample): void {
    const known = this.#known.get(link.pc);
    if (!known) {
      // The first report is due at once: what was seen is counted from one report to the next.
      this.#tell(link, undefined, sample, undefined);
      this.#known.set(link.pc, { judged: sample, told: sample, score: undefined, spare: new Spare(), share: undefined, cap: undefined });
      return;
    }
    if (sample.at - known.judged.at >= JUDGE_MS) {
      known.score = this.#score(link, known.judged, sample);
      known.judged = sample;
      if (this.#options.isNewest(link)) this.#options.onVerdict(verdictOf(known.score));
      this.#adapt(link, known, sample);
    }
    if (sample.at - known.told.at >= TELL_MS) {
      this.#tell(link, known.told, sample, known.score);
      known.told = sample;
    }
  }

  drop(pc: string): void {
    this.#known.delete(pc);
  }

  #tell(link: Link, before: Sample | undefined, now: Sample, score: number | undefined): void {
    this.#options.send({ t: "quality", pc: link.pc, ...qualityBetween(before, now), ...(score === undefined ? {} : { score }), ...this.#fromEach(link, now) });
  }

  #score(link: Link, before: Sample, now: Sample): number {
    const { loss, fps, rtt_ms: rttMs, jitter_ms: jitterMs } = qualityBetween(before, now);
    const expected = this.#options.peopleOf(link.pc).some((one) => this.#options.shows(one));
    return scoreOf({ loss, rttMs, jitterMs, concealed: concealedBetween(before, now), fps: expected ? fps : undefined });
  }

  /** In a forwarding room: whose pictures were decoded. */
  #fromEach(link: Link, sample: Sample): { from?: { participant: string; frames_decoded: number }[] } {
    if (this.#options.topology().mode !== "room") return {};
    const frames = new Map<string, number>();
    for (const [mid, decoded] of Object.entries(sample.framesByMid)) {
      const participant = link.ownerOf(mid);
      if (participant !== undefined) frames.set(participant, (frames.get(participant) ?? 0) + decoded);
    }
    return { from: [...frames].map(([participant, frames_decoded]) => ({ participant, frames_decoded })) };
  }

  #adapt(link: Link, known: Known, sample: Sample): void {
    const share = known.spare.judge({ kbps: sample.outgoingKbps, loss: sample.remoteLoss }, sample.at);
    const cap = this.#options.topology().video ?? undefined;
    if (share !== known.share || cap?.kbps !== known.cap?.kbps || cap?.height !== known.cap?.height) {
      known.share = share;
      known.cap = cap;
      void apply(link, share, cap);
    }
    if (this.#options.isNewest(link)) this.#options.onSpared(share === 0);
  }
}
