import { describe, expect, it } from "vitest";
import { type Share, Spare, type WayOut } from "./spare";

/** What is sent at the end of so many seconds of one way out, looked at every two seconds. */
function after(spare: Spare, way: WayOut, from: number, seconds: number): Share {
  let share = spare.share;
  for (let at = from; at <= from + seconds; at += 2) share = spare.judge(way, at * 1000);
  return share;
}

describe("a line that does not bear the picture", () => {
  it("carries less of it first", () => {
    const spare = new Spare();
    expect([{ kbps: 2000 }, { kbps: 300 }, { kbps: 220 }, { kbps: 2000 }, {}].map((way, at) => spare.judge(way, at * 2000))).toEqual([900, 300, 150, 900, 900]);
  });

  it("carries only the sound when it is too narrow, or loses too much, for six seconds", () => {
    for (const way of [{ kbps: 140 }, { kbps: 2000, loss: 0.08 }]) {
      const spare = new Spare();
      expect(after(spare, way, 100, 4)).not.toBe(0);
      expect(after(spare, way, 106, 0)).toBe(0);
    }
  });

  it("is too narrow as long as an estimate only swings about the limit", () => {
    const spare = new Spare();
    const shares = [190, 220, 190, 220].map((kbps, at) => spare.judge({ kbps }, at * 2_000));
    expect(shares.at(-1)).toBe(0);
    const other = new Spare();
    expect([190, 220, 310, 220].map((kbps, at) => other.judge({ kbps }, at * 2_000)).at(-1)).toBe(150);
  });

  it("is not given up for a moment's trouble", () => {
    const spare = new Spare();
    for (let at = 0; at < 60; at += 4) {
      spare.judge({ kbps: 900, loss: 0.5 }, at * 1000);
      expect(spare.judge({ kbps: 900, loss: 0 }, (at + 2) * 1000)).toBe(900);
    }
  });

  it("is tried again after 20 seconds, then after twice as long, up to two minutes, and from the start once it was good", () => {
    const spare = new Spare();
    const bad = { kbps: 100 };
    const waits: number[] = [];
    let now = 100;
    const untilIt = (ends: (share: Share) => boolean, way: WayOut) => {
      const begun = now;
      while (!ends(spare.judge(way, now * 1000))) now += 2;
      return now - begun;
    };
    for (let round = 0; round < 5; round += 1) {
      untilIt((share) => share === 0, bad);
      waits.push(untilIt((share) => share > 0, bad));
    }
    expect(waits).toEqual([20, 40, 80, 120, 120]);
    after(spare, { kbps: 900 }, now, 90);
    now += 92;
    untilIt((share) => share === 0, bad);
    expect(untilIt((share) => share > 0, bad)).toBe(20);
  });
});
