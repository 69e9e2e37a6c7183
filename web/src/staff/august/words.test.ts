import { expect, test } from "vitest";
import { typed } from "./words";

test("a count is digits, also full-width ones, and nothing else", () => {
  expect(["12", " ０ ", "1200"].map(typed)).toEqual([12, 0, 1200]);
  expect(["", "-1", "1.5", "1e3", "12345678", "十"].map(typed)).toEqual(Array(6).fill(undefined));
});
