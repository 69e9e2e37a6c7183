import { expect, test } from "vitest";
import { roughly } from "./place-words";

test("minutes are told to the next five", () => {
  expect([0, 1, 4, 5, 6, 12, 15].map(roughly)).toEqual([0, 5, 5, 5, 10, 15, 15]);
});
