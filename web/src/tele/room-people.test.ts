import { describe, expect, it } from "vitest";
import type { ServerMessage } from "./messages";
import { answered, emptyRoom, fold, type Room } from "./room";

const me: Room = { ...emptyRoom, self: "pat" };
const after = (...messages: ServerMessage[]): Room => messages.reduce(fold, me);

describe("waiting and being asked", () => {
  it("knows the newest place, and nothing of an old one", () => {
    const room = after({ t: "place", position: 2, ahead: 2, expected_at: "2026-12-01T00:30:00Z", late_min: 5 }, { t: "place", position: 1, ahead: 0 });
    expect(room.place).toEqual({ position: 1, ahead: 0 });
  });

  it("is told of patience and of lateness until it is let in", () => {
    const room = after({ t: "held", participant: "pat" }, { t: "late", minutes: 10 });
    expect([room.held, room.late]).toEqual([true, 10]);
    expect(fold(room, { t: "late", minutes: 0 }).late).toBeUndefined();
    expect(fold(room, { t: "admitted", participant: "pat" }).held).toBe(false);
    expect(after({ t: "held", participant: "other" }).held).toBe(false);
  });

  it("is asked about each person once, until it answers", () => {
    const ask = (participant: string): ServerMessage => ({ t: "consent_request", participant, name: "手話 花", role: "interpreter" });
    const room = after(ask("a"), ask("b"), ask("a"));
    expect(room.asked.map((one) => one.participant)).toEqual(["b", "a"]);
    expect(answered(room, "b").asked.map((one) => one.participant)).toEqual(["a"]);
  });
});
