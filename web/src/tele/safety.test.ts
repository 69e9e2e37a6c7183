import { describe, expect, it } from "vitest";
import { fingerprintsOf, safetyCode, wordsOf } from "./safety";
import { words as english } from "./words-en";
import { words as japanese } from "./words-ja";

const sdp = (...values: string[]) => ["v=0", ...values.map((value) => `a=fingerprint:sha-256 ${value}`), "m=audio 9"].join("\r\n");
const [mine, theirs, between] = [sdp("AA:01"), sdp("BB:02"), sdp("CC:03")];

describe("the safety code", () => {
  it("is the same on both ends, whoever offered", async () => {
    const code = await safetyCode(mine, theirs);
    expect(code).toHaveLength(4);
    expect(await safetyCode(theirs, mine)).toEqual(code);
  });

  it("differs when somebody stands between the two", async () => {
    const [here, there] = [await safetyCode(mine, between), await safetyCode(between, theirs)];
    expect(here).not.toEqual(there);
    expect(here).not.toEqual(await safetyCode(mine, theirs));
  });

  it("does not exist without a certificate", async () => {
    expect(await safetyCode(mine, "v=0\r\n")).toBeUndefined();
  });

  it("reads certificates as they are meant: once each, in one order, in one spelling", () => {
    expect(fingerprintsOf(sdp("bb:02", "AA:01", "BB:02"))).toEqual(["sha-256 AA:01", "sha-256 BB:02"]);
    expect(fingerprintsOf("a=fingerprint:SHA-256 aa:01\r\n")).toEqual(fingerprintsOf("a=fingerprint:sha-256 AA:01\n"));
  });

  it("has 256 different words in each language, all of them plain", async () => {
    for (const words of [english, japanese]) expect(new Set(words).size).toBe(256);
    expect(english.every((word) => /^[a-z]{3,9}$/.test(word))).toBe(true);
    expect(japanese.every((word) => /^[ぁ-ゖー]{2,7}$/.test(word))).toBe(true);
    expect(await wordsOf([0, 255, 1, 1])).toEqual({ ja: [japanese[0], japanese[255], japanese[1], japanese[1]], en: [english[0], english[255], english[1], english[1]] });
  });
});
