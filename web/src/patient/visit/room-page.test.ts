import { describe, expect, it } from "vitest";
import { type CallView, emptyView } from "../../tele/view";
import { emptyRoom, type Room } from "../../tele/room";
import { sceneOf } from "./room-page";

const view = (room: Partial<Room>, part: Partial<CallView> = {}): CallView => ({
  ...emptyView, room: { ...emptyRoom, ...room }, signal: "ready", ...part,
});

describe("the screen of a visit", () => {
  it("follows the server's word", () => {
    expect(sceneOf(view({}))).toBe("waiting");
    expect(sceneOf(view({ admission: "waiting" }))).toBe("waiting");
    expect(sceneOf(view({ admission: "admitted" }))).toBe("call");
    expect(sceneOf(view({ admission: "denied" }))).toBe("denied");
    expect(sceneOf(view({ admission: "admitted", visit: "ended" }))).toBe("ended");
  });

  it("stays with the call while the socket is away", () => {
    expect(sceneOf(view({ admission: "admitted" }, { signal: "away" }))).toBe("call");
  });

  it("tells leaving from being replaced", () => {
    expect(sceneOf(view({ admission: "admitted" }, { left: true, signal: "over" }))).toBe("left");
    expect(sceneOf(view({ admission: "admitted" }, { signal: "over", bye: "replaced" }))).toBe("elsewhere");
    expect(sceneOf(view({ admission: "admitted" }, { signal: "over" }))).toBe("ended");
  });
});
