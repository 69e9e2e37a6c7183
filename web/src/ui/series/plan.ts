import type { Schemas, Slot } from "../../api/client";

export type Proposal = Schemas["ProposalJson"];
export type SeriesVisit = Schemas["SeriesVisit"];

/** By the date of a proposal: the chosen time, or nothing where that visit is left out. */
export type Choice = Record<string, Slot | undefined>;

export const keyOf = (slot: Slot): string => `${slot.start} ${slot.clinician_id ?? ""}`;

/** At first every visit is taken whose wished time is free; a near time is taken only by whoever says so. */
export const firstChoice = (proposals: Proposal[]): Choice => Object.fromEntries(proposals.map((one) => [one.date, one.slot ?? undefined]));

/** The chosen times as they are booked, in order. */
export function visitsOf(proposals: Proposal[], choice: Choice, clinician: string): SeriesVisit[] {
  const chosen = proposals.flatMap(({ date }) => choice[date] ?? []);
  return chosen
    .map((slot) => ({ clinician_id: slot.clinician_id ?? clinician, start: slot.start }))
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
}

/** The date of the first visit that takes a time which an earlier one has already; near times of two days can be the same. */
export function twice(proposals: Proposal[], choice: Choice): string | undefined {
  const seen = new Set<string>();
  return proposals.find(({ date }) => {
    const start = choice[date]?.start;
    if (start === undefined) return false;
    const again = seen.has(start);
    seen.add(start);
    return again;
  })?.date;
}
