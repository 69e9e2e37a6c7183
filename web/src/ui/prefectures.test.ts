import { expect, it } from "vitest";
import { prefectureOf } from "./prefectures";

it("knows the prefecture of an address by its beginning", () => {
  const addresses = ["北海道札幌市", "東京都新宿区架空町1-2-3", "京都府京都市", "沖縄県那覇市", "新宿区", ""];
  expect(addresses.map(prefectureOf)).toEqual(["01", "13", "26", "47", "", ""]);
});
