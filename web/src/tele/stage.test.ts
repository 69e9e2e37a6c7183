import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Stage } from "./stage";

/** How often a stream's tracks were changed: each time a player begins anew. */
let changes = 0;

class FakeStream {
  #tracks = new Set<MediaStreamTrack>();
  getTracks(): MediaStreamTrack[] {
    return [...this.#tracks];
  }
  addTrack(track: MediaStreamTrack): void {
    changes += 1;
    this.#tracks.add(track);
  }
  removeTrack(track: MediaStreamTrack): void {
    changes += Number(this.#tracks.delete(track));
  }
}

const track = (kind: "audio" | "video", id: string) => ({ kind, id }) as MediaStreamTrack;
const ids = (stream: MediaStream | undefined) => stream?.getTracks().map((one) => one.id);

beforeEach(() => { vi.stubGlobal("MediaStream", FakeStream); });
afterEach(() => { vi.unstubAllGlobals(); });

describe("what is seen of the others", () => {
  it("is voice and face together, and the screen apart", () => {
    const stage = new Stage();
    stage.add("p1", "doc", "audio", track("audio", "voice"));
    stage.add("p1", "doc", "video", track("video", "face"));
    stage.add("p1", "doc", "screen", track("video", "screen"));
    const { doc } = stage.shown();
    expect([ids(doc?.camera), ids(doc?.screen)]).toEqual([["voice", "face"], ["screen"]]);
    stage.add("p1", "doc", "video", track("video", "other face"));
    expect(ids(stage.shown().doc?.camera)).toEqual(["voice", "other face"]);
    expect(stage.shown().doc?.camera).toBe(doc?.camera);
  });

  it("stays on the old connection until the new one carries pictures", () => {
    const stage = new Stage();
    stage.add("p2p", "doc", "video", track("video", "old"));
    stage.ready("p2p");
    stage.add("room", "doc", "video", track("video", "new"));
    stage.add("room", "ipr", "video", track("video", "third"));
    expect([ids(stage.shown().doc?.camera), ids(stage.shown().ipr?.camera)]).toEqual([["old"], ["third"]]);
    stage.ready("room");
    expect(ids(stage.shown().doc?.camera)).toEqual(["new"]);
    stage.drop("p2p");
    expect(ids(stage.shown().doc?.camera)).toEqual(["new"]);
    stage.drop("room");
    expect(stage.shown()).toEqual({});
  });

  it("is the newest connection's as long as none carries pictures", () => {
    const stage = new Stage();
    stage.add("one", "doc", "video", track("video", "old"));
    stage.add("two", "doc", "video", track("video", "new"));
    expect(ids(stage.shown().doc?.camera)).toEqual(["new"]);
  });

  it("follows a track that a room hands on to another person", () => {
    const stage = new Stage();
    const slot = track("video", "slot");
    stage.add("room", "doc", "video", slot);
    stage.add("room", "ipr", "video", slot);
    expect([ids(stage.shown().doc?.camera), ids(stage.shown().ipr?.camera)]).toEqual([[], ["slot"]]);
  });

  it("does not flicker when a room says again who is where", () => {
    const stage = new Stage();
    const slots = { doc: track("video", "slot 1"), ipr: track("video", "slot 2") };
    for (const who of ["doc", "ipr"] as const) stage.add("room", who, "video", slots[who]);
    const before = changes;
    for (const who of ["doc", "ipr"] as const) stage.add("room", who, "video", slots[who]);
    expect(changes).toBe(before);
  });
});
