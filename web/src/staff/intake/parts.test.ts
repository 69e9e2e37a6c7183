import { describe, expect, it } from "vitest";
import { type Answered, basisState, partsOf } from "./parts";

const answered = (id: string, answer?: unknown, waits = false): Answered => ({
  question: { id, kind: "text", label_ja: id, label_en: id, ...(waits ? { shown_when: { question: "takes_medicines", is: true } } : {}) },
  ...(answer === undefined ? {} : { answer }),
});
const ids = (items: Answered[]) => items.map((one) => one.question.id);

describe("an intake", () => {
  it("has medicines and history apart, and leaves out what was not asked", () => {
    const { history, others } = partsOf([answered("since", "days"), answered("takes_medicines", false), answered("medicines", undefined, true), answered("past_history"), answered("temperature"), answered("own", "", true)]);
    expect(ids(history)).toEqual(["takes_medicines", "past_history"]);
    expect(ids(others)).toEqual(["since", "temperature"]);
    expect(ids(partsOf([answered("medicines", "なし", true)]).history)).toEqual(["medicines"]);
  });

  it("says where the basis stands", () => {
    const basis = { visit: "first" as const, medical_information_source: [], version: 1 };
    expect(basisState(basis)).toBe("missing");
    expect(basisState({ ...basis, visit: "any" })).toBe("not_needed");
    expect(basisState({ ...basis, basis: "kakaritsuke" })).toBe("said");
    expect(basisState({ ...basis, visit: "any", basis: "kakaritsuke", confirmed_at: "2026-12-01T00:00:00Z" })).toBe("confirmed");
  });
});
