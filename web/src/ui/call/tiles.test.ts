import { describe, expect, it } from "vitest";
import { pinnedOf } from "./tiles";

const face = (id: string, screen?: MediaStream) => ({ id, screen });

describe("who is shown large", () => {
  it("is whoever was chosen, as long as they are there", () => {
    expect(pinnedOf([face("a"), face("b")], [])).toEqual([]);
    expect(pinnedOf([face("a"), face("b")], ["b", "gone"])).toEqual(["b"]);
  });

  it("is nobody beside a screen", () => {
    expect(pinnedOf([face("a"), face("b", {} as MediaStream)], ["a"])).toEqual([]);
  });
});
