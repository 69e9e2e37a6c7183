import { describe, expect, it } from "vitest";
import { Burst, Echoes, jitter, median } from "./line-check";

describe("echoes", () => {
  it("are counted once each, by the clock of this side", () => {
    const echoes = new Echoes();
    const [first, second, third] = [echoes.message(0, 1000.4), echoes.message(1, 1020.4), echoes.message(2, 1040.4)];
    expect(JSON.parse(first)).toMatchObject({ seq: 0, t: 1000 });
    expect(first).toHaveLength(200);
    echoes.take(first, 1005.4);
    echoes.take(first, 1009.4);
    echoes.take(third, 1047.4);
    expect(second).toContain('"seq":1');
    expect([echoes.sent, echoes.received]).toEqual([3, 2]);
    expect(echoes.trips.map((trip) => Math.round(trip))).toEqual([5, 7]);
  });

  it("leave aside what was never sent", () => {
    const echoes = new Echoes();
    echoes.message(0, 0);
    for (const frame of ["", "x", "null", "[]", '{"seq":"0"}', '{"seq":9,"t":0}', new ArrayBuffer(1), undefined]) echoes.take(frame, 1);
    expect(echoes.received).toBe(0);
  });
});

describe("sums", () => {
  it("take the middle", () => {
    expect(median([])).toBeUndefined();
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it("take the mean change for jitter", () => {
    expect(jitter([7])).toBe(0);
    expect(jitter([10, 14, 12])).toBe(3);
  });
});

describe("a burst", () => {
  it("is counted for two seconds from its first packet", () => {
    const burst = new Burst();
    expect(burst.kbps).toBe(0);
    for (let tenth = 0; tenth < 30; tenth += 1) burst.take(12_500, 5_000 + tenth * 100);
    expect(burst.kbps).toBe(1050);
  });
});
