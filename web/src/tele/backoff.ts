/** Waits before each new attempt to connect, in seconds; the last one is used for ever. */
const STEPS = [0, 0.3, 1.2, 2.7, 4.8, 7];

/** How far each wait may stray, so that a thousand pages do not come back in the same instant. */
const STRAY = 0.3;

/** Milliseconds to wait before attempt number `attempt` (from 0). `random` is in [0, 1). */
export function waitBefore(attempt: number, random: number): number {
  const seconds = STEPS[Math.min(attempt, STEPS.length - 1)] ?? 7;
  return Math.round(seconds * 1000 * (1 - STRAY + 2 * STRAY * random));
}
