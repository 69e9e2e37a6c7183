import type { Kind } from "./link";

/** What is seen and heard of one person. */
export interface Seen {
  /** Voice and face. */
  camera?: MediaStream;
  screen?: MediaStream;
}

type Group = keyof Seen;

/**
 * Whose pictures come over which connection, and which of them are shown. While a connection is being replaced both
 * exist: a person is shown from the new one only when it carries pictures, so that nothing goes dark in between.
 */
export class Stage {
  #seen = new Map<string, Map<string, Seen>>();
  /** In the order in which they began to carry pictures. */
  #ready: string[] = [];

  /** A track of the person arrived on the connection. A forwarding room hands a track on from one person to another. */
  add(pc: string, participant: string, kind: Kind, track: MediaStreamTrack): void {
    const people = this.#seen.get(pc) ?? new Map<string, Seen>();
    this.#seen.set(pc, people);
    const group: Group = kind === "screen" ? "screen" : "camera";
    const seen = people.get(participant) ?? {};
    people.set(participant, seen);
    const stream = (seen[group] ??= new MediaStream());
    // The room says everything again with each change: what stays in its place must not flicker.
    if (stream.getTracks().includes(track)) return;
    for (const one of people.values()) {
      one.camera?.removeTrack(track);
      one.screen?.removeTrack(track);
    }
    for (const old of stream.getTracks()) if (old.kind === track.kind) stream.removeTrack(old);
    stream.addTrack(track);
  }

  /** The connection carries pictures. */
  ready(pc: string): void {
    if (!this.#ready.includes(pc)) this.#ready.push(pc);
  }

  drop(pc: string): void {
    this.#seen.delete(pc);
    this.#ready = this.#ready.filter((one) => one !== pc);
  }

  /** What to show of each person: from the newest connection that carries pictures of theirs, else from the newest. */
  shown(): Record<string, Seen> {
    const found: Record<string, Seen> = {};
    for (const people of this.#seen.values()) for (const [participant, seen] of people) found[participant] = { ...seen };
    for (const pc of this.#ready) {
      for (const [participant, seen] of this.#seen.get(pc) ?? []) if (seen.camera ?? seen.screen) found[participant] = { ...seen };
    }
    return found;
  }
}
