import { describe, expect, it } from "vitest";
import { cancelRowOf, controlAt, type FeeItem, rowOf, wishOf } from "./fees";

const items: FeeItem[] = [
  { kind: "consultation", name_ja: "再診料", name_en: "Visit", note_ja: "", note_en: "", points_code: "repeat_visit_ict" },
  { kind: "system_usage_fee", name_ja: "利用料", name_en: "System", note_ja: "", note_en: "", yen: 330 },
  { kind: "other", name_ja: "薬", name_en: "Medicines", note_ja: "別", note_en: "extra" },
];
const fixed: FeeItem = { kind: "system_usage_fee", name_ja: "利用料", name_en: "System", yen: 330 };
const rows = items.map((item, place) => rowOf(item, place + 5));

describe("fees as they are typed", () => {
  it("go to fields and back", () => {
    const cancel = { fee_yen: 1100, note_ja: "24時間前", note_en: "a day before" };
    expect(wishOf(rows, cancelRowOf(cancel))).toEqual({ items, cancel });
    expect(wishOf([], cancelRowOf({}))).toEqual({ items: [], cancel: { fee_yen: null, note_ja: "", note_en: "" } });
  });

  it("name every amount that is none", () => {
    const typed = rows.map((row) => (row.price === "yen" ? { ...row, yen: "三百" } : row));
    expect(wishOf(typed, { fee_yen: "-1", note_ja: "", note_en: "" })).toEqual({ faults: ["fee-6-yen", "cancel-fee_yen"] });
    // Digits of a Japanese keyboard are digits; what is priced otherwise has no amount.
    expect(wishOf([{ ...rowOf(fixed, 1), yen: "５５０" }, { ...rowOf(fixed, 2), price: "words", yen: "x" }], cancelRowOf({}))).toMatchObject({ items: [{ yen: 550 }, { kind: "system_usage_fee" }] });
  });

  it("are found by the server's pointers", () => {
    expect(controlAt(rows, "/items/2/name_en")).toBe("fee-7-name_en");
    expect(controlAt(rows, "/items/9/name_en")).toBeUndefined();
    expect(controlAt(rows, "/cancel/note_ja")).toBe("cancel-note_ja");
    expect(controlAt(rows, "/items")).toBeUndefined();
  });
});
