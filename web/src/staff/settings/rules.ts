import type { Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";

type Rules = Schemas["ServiceRules"];

/** What is typed as a number, with what the server takes at least and at most. */
export const LIMITS = {
  length_min: { least: 5, most: 240 },
  step_min: { least: 5, most: 240 },
  buffer_before_min: { least: 0, most: 60 },
  buffer_after_min: { least: 0, most: 60 },
  notice_min: { least: 0, most: 527_040 },
  notice_working_days: { least: 0, most: 30 },
  horizon_days: { least: 0, most: 366 },
  change_cutoff_min: { least: 0, most: 527_040 },
  cancel_cutoff_min: { least: 0, most: 527_040 },
  answer_within_min: { least: 5, most: 527_040 },
  daily_limit: { least: 1, most: 200 },
  capacity: { least: 1, most: 50 },
  patient_daily_limit: { least: 1, most: 20 },
} as const;

export type NumberField = keyof typeof LIMITS;

const NAMES = Object.keys(LIMITS) as NumberField[];

export type RuleFields = Record<NumberField, string> & Pick<Rules, "visit" | "needs_approval" | "needs_room" | "clinicians" | "team">;

/** Rules as fields: an absent limit is an empty field. */
export function fieldsOf(rules: Rules): RuleFields {
  const numbers = Object.fromEntries(NAMES.map((name) => [name, rules[name] == null ? "" : String(rules[name])])) as Record<NumberField, string>;
  const { visit, needs_approval, needs_room, clinicians, team } = rules;
  return { ...numbers, visit, needs_approval, needs_room, clinicians, team };
}

/** Digits, also full-width ones; nothing else is a number. */
export function numberIn(text: string): number {
  const half = text.trim().replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0));
  return /^\d{1,8}$/.test(half) ? Number(half) : NaN;
}

/** What is to be kept, or the fields that are no number within their limits. */
export function rulesOf(fields: RuleFields): { rules: Rules } | { faults: NumberField[] } {
  const numbers = new Map(NAMES.map((name) => [name, numberIn(fields[name])]));
  const isFaulty = (name: NumberField) => {
    if (name === "daily_limit" && fields.daily_limit.trim() === "") return false;
    const value = numbers.get(name) ?? NaN;
    return !(value >= LIMITS[name].least && value <= LIMITS[name].most);
  };
  const faults = NAMES.filter(isFaulty);
  if (faults.length > 0) return { faults };
  const of = (name: NumberField) => numbers.get(name) ?? 0;
  const { visit, needs_approval, needs_room, clinicians, team } = fields;
  return {
    rules: {
      visit, needs_approval, needs_room, clinicians, team,
      length_min: of("length_min"),
      step_min: of("step_min"),
      buffer_before_min: of("buffer_before_min"),
      buffer_after_min: of("buffer_after_min"),
      notice_min: of("notice_min"),
      notice_working_days: of("notice_working_days"),
      horizon_days: of("horizon_days"),
      change_cutoff_min: of("change_cutoff_min"),
      cancel_cutoff_min: of("cancel_cutoff_min"),
      answer_within_min: of("answer_within_min"),
      daily_limit: fields.daily_limit.trim() === "" ? null : of("daily_limit"),
      capacity: of("capacity"),
      patient_daily_limit: of("patient_daily_limit"),
    },
  };
}

/** What the server says of one field of a refused form. */
export function asFields(failure: unknown, name: string): string | undefined {
  return failure ? problemOf(failure).fields.find(({ pointer }) => pointer === `/rules/${name}` || pointer === `/${name}`)?.detail : undefined;
}
