import type { Link } from "./link";
import type { Topology } from "./messages";

/** The most that a page should send of its camera: the more people, the less. */
export type Cap = NonNullable<Topology["video"]>;

/** How much of the picture is sent, in kbit/s; 0 sends none, so that the sound gets through. */
export type Share = 900 | 300 | 150 | 0;

/** What the way out looks like now. Absent is unknown. */
export interface WayOut {
  /** What the browser thinks it can send, in kbit/s. */
  kbps?: number | undefined;
  /** Part of what we send that does not arrive, from 0 to 1. */
  loss?: number | undefined;
}

/** A line this bad is believed after so long. */
const BELIEVE_MS = 6_000;
/** Pictures are tried again after so long, then after twice as long, up to the most. */
const FIRST_WAIT_MS = 20_000;
const LAST_WAIT_MS = 120_000;
/** A line that was good for so long is trusted anew. */
const TRUST_MS = 60_000;
/** The estimate is of everything that is sent. What this leaves beside the voice is no picture that helps anybody. */
const FEWEST_KBPS = 200;
/** A line that was too narrow is wide enough again only from here: an estimate near the limit goes up and down. */
const ENOUGH_KBPS = 300;
const MOST_LOSS = 0.08;

/** Decides how much of the picture a line bears. Sound is never given up: it has the right of way. */
export class Spare {
  #share: Share = 900;
  #badSince: number | undefined;
  #wait = FIRST_WAIT_MS;
  /** When pictures were stopped, or last begun anew. */
  #turned = 0;

  get share(): Share {
    return this.#share;
  }

  /** Takes what is known now and gives what is to be sent. */
  judge(way: WayOut, now: number): Share {
    if (this.#share === 0) {
      // While no picture is sent nothing is known of what the line would bear: only a trial can tell.
      if (now - this.#turned >= this.#wait) this.#begin(now);
      return this.#share;
    }
    const fewest = this.#badSince === undefined ? FEWEST_KBPS : ENOUGH_KBPS;
    const bad = (way.kbps !== undefined && way.kbps < fewest) || (way.loss ?? 0) >= MOST_LOSS;
    this.#badSince = bad ? (this.#badSince ?? now) : undefined;
    if (this.#badSince !== undefined && now - this.#badSince >= BELIEVE_MS) return this.#stop(now);
    if (!bad && now - this.#turned >= TRUST_MS) this.#wait = FIRST_WAIT_MS;
    this.#share = shareFor(way.kbps);
    return this.#share;
  }

  #stop(now: number): Share {
    if (this.#turned > 0 && now - this.#turned < TRUST_MS) this.#wait = Math.min(LAST_WAIT_MS, this.#wait * 2);
    this.#share = 0;
    this.#turned = now;
    this.#badSince = undefined;
    return this.#share;
  }

  #begin(now: number): void {
    this.#share = 150;
    this.#turned = now;
  }
}

/** The cap leaves room for the sound, and for what the estimate is wrong about. */
function shareFor(kbps: number | undefined): Share {
  if (kbps === undefined || kbps >= 400) return 900;
  return kbps >= 250 ? 300 : 150;
}

/** Makes a connection send so much of the picture, and its sound before everything else. */
export async function apply(link: Link, share: Share, cap?: Cap): Promise<void> {
  await change(link.sender("audio"), (encoding) => {
    encoding.priority = "high";
    encoding.networkPriority = "high";
  });
  const camera = link.sender("video");
  const height = camera?.track?.getSettings().height;
  await change(camera, (encoding) => {
    encoding.active = share > 0;
    if (share > 0) encoding.maxBitrate = Math.min(share, cap?.kbps ?? share) * 1000;
    encoding.scaleResolutionDownBy = cap && height ? Math.max(1, height / cap.height) : 1;
    if (cap) encoding.maxFramerate = cap.fps;
    else delete encoding.maxFramerate;
  });
}

async function change(sender: RTCRtpSender | undefined, edit: (encoding: RTCRtpEncodingParameters) => void): Promise<void> {
  const parameters = sender?.getParameters();
  // Before the first negotiation there is nothing to set, and old browsers have no encodings at all.
  const encodings = parameters?.encodings;
  if (!sender || !parameters || !encodings || encodings.length === 0) return;
  for (const encoding of encodings) edit(encoding);
  try {
    await sender.setParameters(parameters);
  } catch (error) {
    console.warn("sending is not adapted", error); // the connection is just being negotiated: the next look does it
  }
}
