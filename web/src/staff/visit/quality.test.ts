import { expect, it } from "vitest";
import { partOf } from "./quality";

it("tells a part of the time, and nothing of no time", () => {
  expect([partOf(0, 0), partOf(0, 60), partOf(30, 60), partOf(60, 60)]).toEqual([undefined, 0, 50, 100]);
  expect([partOf(1, 1000), partOf(999, 1000)]).toEqual([1, 99]);
});
