import type { Schemas } from "../../api/client";
import { isEmptyAnswer } from "../../ui/question-words";

export type Intake = Schemas["Intake"];
export type Answered = Schemas["Answered"];
type Basis = Intake["first_visit"];

/** Questions of the house's list about medicines, allergies and history: what rules G-02 and R-04 ask for. */
const HISTORY: ReadonlySet<string> = new Set(["takes_medicines", "medicines", "has_allergies", "allergies", "has_past_history", "past_history", "pregnancy"]);

/** What was asked of this patient: a question that hangs on another answer and has none was not. */
const wasAsked = ({ question, answer }: Answered): boolean => !question.shown_when || !isEmptyAnswer(answer);

/** The answers about medicines, allergies and history, and all others; each in the order of asking. */
export function partsOf(items: Answered[]): { history: Answered[]; others: Answered[] } {
  const asked = items.filter(wasAsked);
  const isHistory = (one: Answered) => HISTORY.has(one.question.id);
  return { history: asked.filter(isHistory), others: asked.filter((one) => !isHistory(one)) };
}

/** Where the basis of a visit stands: a first visit is not begun without one. */
export function basisState(basis: Basis): "not_needed" | "missing" | "said" | "confirmed" {
  if (basis.basis == null) return basis.visit === "first" ? "missing" : "not_needed";
  return basis.confirmed_at == null ? "said" : "confirmed";
}
