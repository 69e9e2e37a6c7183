import { describe, expect, it } from "vitest";
import type { Asked } from "./intake";
import { bodyOf, cleanPhone, type Draft, emptyDraft, faultsOf, missingBefore, stepOfPointer, toKatakana } from "./draft";

const TODAY = "2026-11-23";
const asked: Asked = { service_id: "s1", questions: [], first_visit: { visit: "any", without_basis: "request" } };
const full: Draft = {
  ...emptyDraft,
  forWhom: "self", relation: "", bookerName: "", name: "山田 花子", kana: "やまだ　はなこ",
  birth: { era: "showa", year: "23", month: "5", day: "3" }, phone: "０９０-1234−5678", email: "", symptoms: "せき",
};
const faults = (step: Parameters<typeof faultsOf>[0], part: Partial<Draft>) => faultsOf(step, { ...full, ...part }, TODAY).map((one) => one.fault);

describe("answers", () => {
  it("that are complete have no fault", () => {
    for (const step of ["who", "name", "birth", "contact", "symptoms"] as const) expect(faultsOf(step, full, TODAY)).toEqual([]);
  });

  it("for family need a relation and the booker's name", () => {
    expect(faults("who", { forWhom: "" })).toEqual(["for_whom"]);
    expect(faults("who", { forWhom: "family" })).toEqual(["relation", "booker_name"]);
    expect(faults("who", { forWhom: "family", relation: "child", bookerName: "山田 太郎" })).toEqual([]);
  });

  it("name what is missing or misspelt", () => {
    expect(faults("name", { name: " ", kana: "" })).toEqual(["name", "kana"]);
    expect(faults("name", { kana: "山田" })).toEqual(["kana_letters"]);
    expect(faults("name", { kana: "Anna O'Example" })).toEqual([]);
    expect(faults("birth", { birth: { era: "heisei", year: "40", month: "1", day: "1" } })).toEqual(["not_in_era"]);
    expect(faults("contact", { phone: "12345" })).toEqual(["phone_form"]);
    expect(faults("contact", { phone: "", email: "name@" })).toEqual(["phone", "email_form"]);
    expect(faults("contact", { phone: "+81 90 1234 5678" })).toEqual([]);
    expect(faults("symptoms", { symptoms: "あ".repeat(1001) })).toEqual(["symptoms_long"]);
  });

  it("are asked for again from the first gap", () => {
    expect(missingBefore("check", full, TODAY, asked)).toBeUndefined();
    expect(missingBefore("check", emptyDraft, TODAY, asked)).toBe("who");
    expect(missingBefore("symptoms", { ...full, phone: "" }, TODAY, asked)).toBe("contact");
    expect(missingBefore("who", emptyDraft, TODAY, asked)).toBeUndefined();
  });
});

describe("what is sent", () => {
  it("is clean", () => {
    expect(bodyOf(full, "ja", TODAY)).toEqual({
      for_whom: "self", name: "山田 花子", kana: "ヤマダ ハナコ", birth_date: "1948-05-03", phone: "09012345678", language: "ja", symptoms: "せき",
    });
  });

  it("names the booker only for family", () => {
    const body = bodyOf({ ...full, forWhom: "family", relation: "parent", bookerName: "山田 太郎", email: " a@example.jp " }, "en", TODAY);
    expect(body).toMatchObject({ for_whom: "family", relation: "parent", booker_name: "山田 太郎", email: "a@example.jp", language: "en" });
    expect(bodyOf({ ...full, relation: "parent", bookerName: "x" }, "ja", TODAY)).not.toHaveProperty("booker_name");
  });

  it("does not exist without a birth date", () => {
    expect(bodyOf({ ...full, birth: { ...full.birth, day: "" } }, "ja", TODAY)).toBeUndefined();
  });
});

describe("spelling", () => {
  it("of telephone numbers is half width without signs", () => {
    expect(cleanPhone("（０３）１２３４－５６７８")).toBe("0312345678");
    expect(cleanPhone("03ー1234ー5678")).toBe("0312345678");
  });

  it("of readings is katakana", () => {
    expect(toKatakana("ﾔﾏﾀﾞ　はなこ")).toBe("ヤマダ ハナコ");
  });
});

describe("a fault the server found", () => {
  it("leads to the page that asks", () => {
    expect(stepOfPointer("/birth_date")).toEqual({ step: "birth", field: "birth" });
    expect(stepOfPointer("#/phone")).toEqual({ step: "contact", field: "phone" });
    expect(stepOfPointer("/nothing")).toBeUndefined();
  });
});
