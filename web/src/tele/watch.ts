import type { Link } from "./link";
import { measure, type Sample } from "./quality";

/** How often connections are looked at. */
const LOOK_MS = 500;
/** Nothing arrived for so long: is the server still there? */
const DOUBT_MS = 1_000;
/** Nothing arrived for so long: another way is looked for. Browsers take up to five seconds to say so themselves. */
const STILL_MS = 1_500;
/** The same for a while after the device said that its network changed. */
const HASTY_MS = 700;
const HASTE_MS = 5_000;

/** For how long nothing has arrived on a connection. */
export class Stillness {
  #bytes = 0;
  #grew: number | undefined;

  /** Notes how many bytes had arrived by now; gives milliseconds, 0 before anything ever came. */
  note(bytes: number, now: number): number {
    if (bytes > this.#bytes) {
      this.#bytes = bytes;
      this.#grew = now;
    }
    return this.#grew === undefined ? 0 : now - this.#grew;
  }
}

export interface WatchOptions {
  links: () => Link[];
  /** Asks the server whether the socket still reaches it. */
  probe: () => void;
  /** The network may be another one: a socket that is away is opened at once. */
  hurry: () => void;
  /** Looks for a new way for a connection. */
  renew: (link: Link) => void;
  /** The connections on which nothing arrives changed. */
  onStill: (still: ReadonlySet<string>) => void;
  /** Each look at a connection that is up. */
  onSample: (link: Link, sample: Sample) => void;
}

/**
 * Looks at the connections twice a second. A dead path is noticed by what no longer arrives: neither the browser nor
 * the socket says so in time.
 */
export class Watch {
  #options: WatchOptions;
  #still = new Map<string, Stillness>();
  #told: ReadonlySet<string> = new Set();
  #timer: ReturnType<typeof setInterval> | undefined;
  #looking = false;
  #hasteUntil = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => { void this.look(Date.now()); }, LOOK_MS);
    window.addEventListener("online", this.#changed);
    document.addEventListener("visibilitychange", this.#visible);
    networkOf(navigator)?.addEventListener("change", this.#changed);
  }

  stop(): void {
    clearInterval(this.#timer);
    window.removeEventListener("online", this.#changed);
    document.removeEventListener("visibilitychange", this.#visible);
    networkOf(navigator)?.removeEventListener("change", this.#changed);
  }

  /** One look at every connection. */
  async look(now: number): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const still = new Set<string>();
      const links = this.#options.links();
      for (const pc of this.#still.keys()) if (!links.some((link) => link.pc === pc)) this.#still.delete(pc);
      for (const link of links) if (await this.#isStill(link, now)) still.add(link.pc);
      if (still.size !== this.#told.size || [...still].some((pc) => !this.#told.has(pc))) {
        this.#told = still;
        this.#options.onStill(still);
      }
    } finally {
      this.#looking = false;
    }
  }

  async #isStill(link: Link, now: number): Promise<boolean> {
    if (link.connection.connectionState === "closed") return false;
    let sample: Sample;
    try {
      sample = await measure(link.connection, now);
    } catch {
      return false; // it was closed meanwhile
    }
    const stillness = this.#still.get(link.pc) ?? new Stillness();
    this.#still.set(link.pc, stillness);
    const silent = stillness.note(sample.arrived, now);
    if (silent >= DOUBT_MS || (silent > 0 && now < this.#hasteUntil)) this.#options.probe();
    const still = silent >= (now < this.#hasteUntil ? HASTY_MS : STILL_MS);
    if (still) this.#options.renew(link);
    else if (link.connection.connectionState === "connected") this.#options.onSample(link, sample);
    return still;
  }

  readonly #changed = (): void => {
    this.#hasteUntil = Date.now() + HASTE_MS;
    this.#options.hurry();
    this.#options.probe();
    for (const link of this.#options.links()) {
      const { connectionState } = link.connection;
      if (connectionState === "disconnected" || connectionState === "failed") this.#options.renew(link);
    }
  };

  readonly #visible = (): void => {
    if (document.visibilityState === "visible") this.#changed();
  };
}

/** What some browsers know of the device's network; not in the types, and not in Safari. */
function networkOf(device: Navigator): EventTarget | undefined {
  return "connection" in device && device.connection instanceof EventTarget ? device.connection : undefined;
}
