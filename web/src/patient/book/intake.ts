import type { Schemas } from "../../api/client";

export type Asked = Schemas["Questionnaire"];
export type Terms = Schemas["Terms"];
export type ClinicQuestion = Schemas["Question"];
export type Basis = Schemas["FirstVisitBasis"];
export type Source = Schemas["Source"];

/** An answer as the page keeps it: numbers and dates as they were typed. */
export type Answer = string | string[] | boolean;
export type Answers = Record<string, Answer>;

/** What can be wrong with an answer to a clinic's question. */
export type AnswerFault = "unanswered" | "too_long" | "not_a_number" | "out_of_range";

/** The question that doubles as the body's `medical_information_source`. */
export const SOURCE_QUESTION = "medical_information_source";

/** Whether an answer is the one that a later question waits for. */
const meets = (answer: Answer | undefined, is: unknown): boolean =>
  Array.isArray(answer) ? answer.some((one) => one === is) : answer === is;

/** The questions to be shown, in their order; one that hangs on a hidden question is hidden too. */
export function shownOf(questions: ClinicQuestion[], answers: Answers): ClinicQuestion[] {
  const shown = new Set<string>();
  return questions.filter((question) => {
    const when = question.shown_when;
    const show = !when || (shown.has(when.question) && meets(answers[when.question], when.is));
    if (show) shown.add(question.id);
    return show;
  });
}

/** Full-width digits, signs and points as a number; undefined when it is none. */
export function numberOf(text: string): number | undefined {
  const plain = text.normalize("NFKC").trim();
  return /^[+-]?\d+(\.\d+)?$/.test(plain) ? Number(plain) : undefined;
}

const isEmpty = (answer: Answer | undefined): boolean =>
  answer === undefined || (typeof answer === "string" ? answer.trim() === "" : Array.isArray(answer) && answer.length === 0);

/** What is wrong with the answer to one question. */
export function faultOf(question: ClinicQuestion, answer: Answer | undefined): AnswerFault | undefined {
  if (isEmpty(answer)) return question.required === false ? undefined : "unanswered";
  if (typeof answer !== "string") return undefined;
  if (question.kind === "text") return question.max_length != null && Array.from(answer.trim()).length > question.max_length ? "too_long" : undefined;
  if (question.kind !== "number") return undefined;
  const value = numberOf(answer);
  if (value === undefined) return "not_a_number";
  return (question.min != null && value < question.min) || (question.max != null && value > question.max) ? "out_of_range" : undefined;
}

/** The answers of the shown questions as the server takes them; what was left empty is left out. */
export function sentOf(questions: ClinicQuestion[], answers: Answers): Record<string, unknown> {
  const given = shownOf(questions, answers).flatMap((question): [string, unknown][] => {
    const answer = answers[question.id];
    if (answer === undefined || isEmpty(answer)) return [];
    if (typeof answer !== "string") return [[question.id, answer]];
    return [[question.id, question.kind === "number" ? numberOf(answer) : answer.trim()]];
  });
  return Object.fromEntries(given);
}

/** Whether the page itself has to ask where the clinic gets its information from. */
export const asksSources = (asked: Asked | undefined, basis: Basis | "none" | ""): boolean =>
  basis === "info_sufficient" && !asked?.questions.some((question) => question.id === SOURCE_QUESTION);

/** The labels of questions that are new or say something else than before. */
export function changedQuestions(before: ClinicQuestion[], now: ClinicQuestion[]): ClinicQuestion[] {
  const known = new Map(before.map((question) => [question.id, JSON.stringify(question)]));
  return now.filter((question) => known.get(question.id) !== JSON.stringify(question));
}

/** Fees that are new or changed, each with what it was. */
export function changedFees(before: Terms["fees"], now: Terms["fees"]): { was: Schemas["FeeJson"] | undefined; is: Schemas["FeeJson"] }[] {
  return (now?.items ?? []).flatMap((is, place) => {
    const was = before?.items.find((item) => item.kind === is.kind && item.name_ja === is.name_ja) ?? before?.items.find((item, at) => at === place && item.kind === is.kind);
    return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ was, is }];
  });
}
