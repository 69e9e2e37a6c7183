import { describe, expect, it } from "vitest";
import { emptyRoom, type Room } from "../../tele/room";
import { goesOn, sceneOf } from "./scene";

type Seen = Parameters<typeof sceneOf>[0];

const view = (room: Partial<Room>, part: Partial<Seen> = {}): Seen => ({ room: { ...emptyRoom, ...room }, signal: "ready", left: false, bye: undefined, ...part });

describe("the screen of a visit", () => {
  it("follows the server's word", () => {
    expect(sceneOf(view({}))).toBe("waiting");
    expect(sceneOf(view({ admission: "waiting" }))).toBe("waiting");
    expect(sceneOf(view({ admission: "admitted" }))).toBe("call");
    expect(sceneOf(view({ admission: "denied" }))).toBe("denied");
    expect(sceneOf(view({ admission: "admitted", visit: "ended" }))).toBe("ended");
  });

  it("needs camera and microphone while one waits or talks, and on no other screen", () => {
    expect((["waiting", "call"] as const).every(goesOn)).toBe(true);
    expect((["ended", "left", "denied", "elsewhere", "removed", "moved", "signed_out"] as const).some(goesOn)).toBe(false);
  });

  it("stays with the call while the socket is away", () => {
    expect(sceneOf(view({ admission: "admitted" }, { signal: "away" }))).toBe("call");
  });

  it("tells leaving from being replaced", () => {
    expect(sceneOf(view({ admission: "admitted" }, { left: true, signal: "over" }))).toBe("left");
    expect(sceneOf(view({ admission: "admitted" }, { signal: "over", bye: "replaced" }))).toBe("elsewhere");
    expect(sceneOf(view({ admission: "admitted" }, { signal: "over" }))).toBe("ended");
  });

  it("tells a visit that was moved, and being sent away, from one that ended", () => {
    for (const bye of ["moved", "removed", "signed_out"]) expect(sceneOf(view({ admission: "admitted", visit: "ended" }, { signal: "over", bye }))).toBe(bye);
    // While the page comes back by itself, the last farewell says nothing.
    expect(sceneOf(view({ admission: "waiting" }, { signal: "away", bye: "draining" }))).toBe("waiting");
  });
});
