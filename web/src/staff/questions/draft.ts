import type { Schemas } from "../../api/client";

export type Question = Schemas["Question"];
export type Kind = Question["kind"];
export type Option = Schemas["QuestionOption"];

/** A question being edited. Keys are never used again, so that the focus cannot go to another row. */
export interface Row {
  key: number;
  question: Question;
}

/** The questions as they are edited, beside those that are kept. */
export interface Draft {
  kept: Question[];
  rows: Row[];
  next: number;
}

export type Deed =
  | { deed: "load"; questions: Question[] }
  | { deed: "add"; question: Question }
  | { deed: "put"; key: number; question: Question }
  | { deed: "move"; key: number; by: -1 | 1 }
  | { deed: "remove"; key: number };

/** The draft of what the server keeps. */
export function draftOf(questions: Question[], first = 1): Draft {
  return { kept: questions, rows: questions.map((question, place) => ({ key: first + place, question })), next: first + questions.length };
}

/** The draft after a deed of the person. */
export function changed(draft: Draft, deed: Deed): Draft {
  switch (deed.deed) {
    case "load":
      return draftOf(deed.questions, draft.next);
    case "add":
      return { ...draft, rows: [...draft.rows, { key: draft.next, question: deed.question }], next: draft.next + 1 };
    case "put":
      return { ...draft, rows: draft.rows.map((row) => (row.key === deed.key ? { ...row, question: deed.question } : row)) };
    case "move": {
      const from = draft.rows.findIndex((row) => row.key === deed.key);
      const [row, other] = [draft.rows[from], draft.rows[from + deed.by]];
      if (!row || !other) return draft;
      const rows = [...draft.rows];
      rows[from] = other;
      rows[from + deed.by] = row;
      return { ...draft, rows };
    }
    case "remove":
      return { ...draft, rows: draft.rows.filter((row) => row.key !== deed.key) };
  }
}

export const questionsOf = (draft: Draft): Question[] => draft.rows.map((row) => row.question);

export const isChoice = (kind: Kind): boolean => kind === "choice" || kind === "multi";

/** What belongs to a question of its kind, and nothing of what was typed for another kind. */
export function tidy(question: Question): Question {
  const { id, kind, required, label_ja, label_en, help_ja, help_en, options, shown_when: when, max_length: length, min, max } = question;
  return {
    id,
    kind,
    required: kind !== "red_flag" && required === true,
    label_ja: label_ja.trim(),
    label_en: label_en.trim(),
    help_ja: (help_ja ?? "").trim(),
    help_en: (help_en ?? "").trim(),
    options: isChoice(kind) ? (options ?? []).map((one) => ({ id: one.id, label_ja: one.label_ja.trim(), label_en: one.label_en.trim() })) : [],
    ...(when ? { shown_when: { question: when.question, is: when.is } } : {}),
    ...(kind === "text" && length != null ? { max_length: length } : {}),
    ...(kind === "number" && min != null ? { min } : {}),
    ...(kind === "number" && max != null ? { max } : {}),
  };
}

/** Whether there is anything that is not kept. */
export const unsaved = (draft: Draft): boolean => JSON.stringify(questionsOf(draft).map(tidy)) !== JSON.stringify(draft.kept.map(tidy));

/** An id that is not taken yet: answers are kept under it, so that people never see or change it. */
export function freshId(stem: string, taken: string[]): string {
  for (let number = 1; ; number += 1) {
    const id = `${stem}_${number}`;
    if (!taken.includes(id)) return id;
  }
}

/** An earlier question with an answer to it, on which another can depend. */
export interface Answer {
  value: string;
  question: Question;
  is: boolean | string;
}

/** The answers a question can wait for: yes or no, or an option, of the questions before it. */
export function answersIn(earlier: Question[]): Answer[] {
  return earlier.flatMap((question) => {
    const given = question.kind === "yes_no" ? [true, false] : isChoice(question.kind) ? (question.options ?? []).map((one) => one.id) : [];
    return given.map((is) => ({ value: `${question.id}=${String(is)}`, question, is }));
  });
}

/** The answer on which a question depends; none when it is always asked, or when no earlier question has that answer. */
export function awaited(question: Question, earlier: Question[]): Answer | undefined {
  const when = question.shown_when;
  return when ? answersIn(earlier).find((one) => one.question.id === when.question && one.is === when.is) : undefined;
}

/** Keys of the questions that wait for an answer which cannot be given before them any more. */
export function hanging(draft: Draft): number[] {
  const questions = questionsOf(draft);
  return draft.rows.filter((row, place) => row.question.shown_when && !awaited(row.question, questions.slice(0, place))).map((row) => row.key);
}

/** The question a pointer of the server (`/questions/3/label_en`) speaks of, by its key. */
export function keyAt(draft: Draft, pointer: string): number | undefined {
  const place = /^\/questions\/(\d+)(\/|$)/.exec(pointer)?.[1];
  return place === undefined ? undefined : draft.rows[Number(place)]?.key;
}
