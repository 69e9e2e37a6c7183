import { describe, expect, it } from "vitest";
import { type Caption, withCaption } from "./captions";

const said = (from: string, text: string, interim = false): Caption => ({ from, text, lang: "ja", interim });
const texts = (...captions: Caption[]) => captions.reduce<Caption[]>(withCaption, []).map((one) => one.text);

describe("captions", () => {
  it("show the last two lines of each speaker", () => {
    expect(texts(said("a", "1"), said("b", "x"), said("a", "2"), said("a", "3"))).toEqual(["x", "2", "3"]);
  });

  it("replace what is being written, by what is written next or by the finished line", () => {
    expect(texts(said("a", "1"), said("a", "こ", true), said("a", "これ", true))).toEqual(["1", "これ"]);
    expect(texts(said("a", "こ", true), said("b", "そ", true), said("a", "これは"))).toEqual(["そ", "これは"]);
  });
});
