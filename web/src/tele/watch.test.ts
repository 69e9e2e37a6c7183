import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Link } from "./link";
import { Stillness, Watch } from "./watch";

describe("stillness", () => {
  it("begins when nothing more arrives, not before anything came", () => {
    const stillness = new Stillness();
    expect([stillness.note(0, 0), stillness.note(0, 5_000)]).toEqual([0, 0]);
    expect([stillness.note(10, 6_000), stillness.note(10, 7_000), stillness.note(11, 7_500), stillness.note(11, 8_000)]).toEqual([0, 1_000, 0, 500]);
  });
});

describe("the watch over connections", () => {
  let arrived: number;
  let did: string[];
  let watch: Watch;

  beforeEach(() => {
    vi.useFakeTimers();
    [arrived, did] = [100, []];
    const connection = {
      connectionState: "connected",
      getStats: () => Promise.resolve(new Map([["t", { type: "transport", bytesReceived: arrived }]])),
    };
    const link = { pc: "p", connection } as unknown as Link;
    watch = new Watch({
      links: () => [link],
      probe: () => did.push("probe"),
      hurry: () => did.push("hurry"),
      renew: () => did.push("renew"),
      onStill: (still) => did.push(`still ${[...still].join()}`),
      onSample: () => did.push("sample"),
    });
    watch.start();
  });
  afterEach(() => {
    watch.stop();
    vi.useRealTimers();
  });

  /** What it did over so many half seconds, each with so many more bytes. */
  async function over(looks: number, bytes: number): Promise<string[]> {
    did = [];
    for (let look = 0; look < looks; look += 1) {
      arrived += bytes;
      await vi.advanceTimersByTimeAsync(500);
    }
    return did;
  }

  it("takes samples as long as something arrives", async () => {
    expect(await over(3, 10)).toEqual(["sample", "sample", "sample"]);
  });

  it("doubts the socket after a second of silence, looks for another way after one and a half, and says when it is over", async () => {
    await over(2, 10);
    expect(await over(2, 0)).toEqual(["sample", "probe", "sample"]);
    expect(await over(1, 0)).toEqual(["probe", "renew", "still p"]);
    expect(await over(1, 0)).toEqual(["probe", "renew"]);
    expect(await over(1, 10)).toEqual(["sample", "still "]);
  });

  it("is hastier after the device said that its network changed", async () => {
    await over(2, 10);
    did = [];
    window.dispatchEvent(new Event("online"));
    expect(did).toEqual(["hurry", "probe"]);
    await over(1, 0);
    expect(await over(1, 0)).toEqual(["probe", "renew", "still p"]);
  });
});
