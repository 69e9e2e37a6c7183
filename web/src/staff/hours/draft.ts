import type { Schemas } from "../../api/client";
import { addDays } from "../../i18n";
import { type Conditions, clockField, fallsOn, type Hours, type HoursRow, hoursOf, minutesOf, rowsOf } from "./stretches";

/** What the server keeps of one clinician. */
export interface Stored {
  clinician: string;
  version: number;
  hours: Hours[];
}

/** All that is being edited, of every clinician at once: a stretch can go from one to another. */
export interface Draft {
  stored: Stored[];
  rows: HoursRow[];
  /** The next key; keys are never used again, so that the focus cannot go to another row. */
  next: number;
}

/** What a stretch is without its key. */
export interface Stretch {
  clinician: string;
  weekday: number;
  opens: number;
  closes: number;
  rest: Conditions;
}

export type Deed =
  | { deed: "load"; stored: Stored[] }
  | { deed: "saved"; stored: Stored }
  | { deed: "add"; stretch: Stretch }
  | { deed: "type"; key: number; part: Partial<Pick<HoursRow, "opens" | "closes">> }
  | { deed: "put"; key: number; stretch: Partial<Stretch> }
  | { deed: "remove"; key: number };

function loaded(stored: Stored[], first: number): Draft {
  const rows: HoursRow[] = [];
  for (const one of stored) rows.push(...rowsOf(one.clinician, one.hours, first + rows.length));
  return { stored, rows, next: first + rows.length };
}

/** The draft after a deed of the person, or after the server has spoken. */
export function changed(draft: Draft, deed: Deed): Draft {
  switch (deed.deed) {
    case "load":
      return loaded(deed.stored, draft.next);
    case "saved":
      return { ...draft, stored: draft.stored.map((one) => (one.clinician === deed.stored.clinician ? deed.stored : one)) };
    case "add": {
      const { opens, closes, ...rest } = deed.stretch;
      return { ...draft, next: draft.next + 1, rows: [...draft.rows, { ...rest, key: draft.next, opens: clockField(opens), closes: clockField(closes) }] };
    }
    case "type":
      return { ...draft, rows: draft.rows.map((row) => (row.key === deed.key ? { ...row, ...deed.part } : row)) };
    case "put": {
      const { opens, closes, ...rest } = deed.stretch;
      const times = { ...(opens === undefined ? {} : { opens: clockField(opens) }), ...(closes === undefined ? {} : { closes: clockField(closes) }) };
      return { ...draft, rows: draft.rows.map((row) => (row.key === deed.key ? { ...row, ...rest, ...times } : row)) };
    }
    case "remove":
      return { ...draft, rows: draft.rows.filter((row) => row.key !== deed.key) };
  }
}

export const EMPTY: Draft = { stored: [], rows: [], next: 0 };

/** The rows of one clinician. */
export const rowsOfClinician = (draft: Draft, clinician: string): HoursRow[] => draft.rows.filter((row) => row.clinician === clinician);

/** A stretch as a text that is the same for the same stretch, whatever is left out. */
const signature = (one: Hours): string =>
  JSON.stringify([one.weekday, one.opens, one.closes, one.weeks_of_month ?? null, one.alternate_from ?? null, one.valid_from ?? null, one.valid_until ?? null, one.service_id ?? null]);

const sameHours = (one: Hours[], other: Hours[]): boolean => {
  const texts = [one, other].map((hours) => hours.map(signature).sort().join());
  return texts[0] === texts[1];
};

/** The clinicians whose hours are not as the server keeps them; typing that is no time yet counts too. */
export function unsaved(draft: Draft): Stored[] {
  return draft.stored.filter(({ clinician, hours }) => {
    const read = hoursOf(rowsOfClinician(draft, clinician));
    return "faults" in read || !sameHours(read.hours, hours);
  });
}

/** A stretch on a date of the shown days. */
export interface Occurrence {
  key: number;
  clinician: string;
  date: string;
  opens: number;
  closes: number;
  rest: Conditions;
}

/** Which stretches are kept on which of these dates. */
export function occurrences(rows: HoursRow[], dates: string[]): Occurrence[] {
  return rows.flatMap((row) => {
    const minutes = minutesOf(row);
    if (!minutes) return [];
    return dates
      .filter((date) => fallsOn(row.weekday, row.rest, date))
      .map((date) => ({ key: row.key, clinician: row.clinician, date, ...minutes, rest: row.rest }));
  });
}

/** Some days from a date. */
export const daysFrom = (date: string, count: number): string[] => Array.from({ length: count }, (_, ahead) => addDays(date, ahead));

export type DateException = Schemas["Exception"];
