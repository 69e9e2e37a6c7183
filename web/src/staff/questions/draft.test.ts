import { describe, expect, it } from "vitest";
import { answersIn, changed, draftOf, freshId, hanging, keyAt, type Question, questionsOf, tidy, unsaved } from "./draft";

const question = (id: string, more: Partial<Question> = {}): Question => ({ id, kind: "text", required: false, label_ja: id, label_en: id, help_ja: "", help_en: "", options: [], ...more });
const list = [question("takes", { kind: "yes_no" }), question("medicines", { shown_when: { question: "takes", is: true } }), question("since", { kind: "choice", options: [{ id: "days", label_ja: "日", label_en: "days" }] })];
const ids = (draft: ReturnType<typeof draftOf>) => questionsOf(draft).map((one) => one.id);

describe("questions being edited", () => {
  it("are added, moved and removed under keys that stay theirs", () => {
    let draft = draftOf(list);
    expect(unsaved(draft)).toBe(false);
    draft = changed(draft, { deed: "move", key: 3, by: -1 });
    expect(ids(draft)).toEqual(["takes", "since", "medicines"]);
    draft = changed(draft, { deed: "remove", key: 3 });
    draft = changed(draft, { deed: "add", question: question("new") });
    expect(draft.rows.map((row) => row.key)).toEqual([1, 2, 4]);
    expect(unsaved(draft)).toBe(true);
    // Over the end nothing moves.
    expect(changed(draft, { deed: "move", key: 1, by: -1 })).toBe(draft);
    expect(changed(draft, { deed: "load", questions: list }).rows.map((row) => row.key)).toEqual([5, 6, 7]);
  });

  it("wait only for answers that can be given before them", () => {
    expect(answersIn(list).map((one) => one.value)).toEqual(["takes=true", "takes=false", "since=days"]);
    const draft = draftOf(list);
    expect(hanging(draft)).toEqual([]);
    expect(hanging(changed(draft, { deed: "move", key: 2, by: -1 }))).toEqual([2]);
    expect(hanging(changed(draft, { deed: "remove", key: 1 }))).toEqual([2]);
    expect(hanging(changed(draft, { deed: "put", key: 1, question: question("takes", { kind: "text" }) }))).toEqual([2]);
  });

  it("keep nothing that belongs to another kind", () => {
    const typed = question("a", { kind: "red_flag", required: true, label_ja: " 胸が痛い ", options: [{ id: "x", label_ja: "", label_en: "" }], max: 3, max_length: 9 });
    expect(tidy(typed)).toEqual({ id: "a", kind: "red_flag", required: false, label_ja: "胸が痛い", label_en: "a", help_ja: "", help_en: "", options: [] });
    expect(tidy({ ...typed, kind: "number" })).toMatchObject({ max: 3, required: true });
    expect(tidy({ ...typed, kind: "number" })).not.toHaveProperty("max_length");
    // What the server leaves empty is the same as what is left out.
    expect(unsaved({ ...draftOf(list), kept: list.map((one) => ({ ...one, min: null, max_length: null, shown_when: one.shown_when ?? null })) })).toBe(false);
  });

  it("get ids that are free, and are found by the server's pointers", () => {
    expect(freshId("question", ["question_1", "question_3"])).toBe("question_2");
    const draft = changed(draftOf(list), { deed: "move", key: 3, by: -1 });
    expect(keyAt(draft, "/questions/1/options/0/label_en")).toBe(3);
    expect(keyAt(draft, "/questions/9/id")).toBeUndefined();
    expect(keyAt(draft, "/questions")).toBeUndefined();
  });
});
