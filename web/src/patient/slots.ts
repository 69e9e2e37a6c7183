import type { Slot } from "../api/client";

/** Each start once, earliest first; of one clinician when he is asked for. */
export function startsOf(slots: Slot[], clinician: string): Slot[] {
  const wanted = clinician ? slots.filter((slot) => slot.clinician_id === clinician) : slots;
  const seen = new Set<string>();
  return [...wanted]
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start))
    .filter((slot) => {
      const fresh = !seen.has(slot.start);
      seen.add(slot.start);
      return fresh;
    });
}

/** A day to start a week from: the one asked for, never before today. */
export function weekStart(asked: string | null, today: string): string {
  return asked && /^\d{4}-\d{2}-\d{2}$/.test(asked) && asked > today ? asked : today;
}
