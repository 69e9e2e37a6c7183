/** How picture and sound of a connection are, in words that everybody understands. */
export type Verdict = "good" | "fair" | "poor" | "lost";

/** What is known of a connection over the last seconds. Absent is unknown, and is not held against it. */
export interface Signs {
  /** Part of the packets that were lost, from 0 to 1. */
  loss?: number | undefined;
  rttMs?: number | undefined;
  jitterMs?: number | undefined;
  /** Pictures a second; undefined when none are expected. */
  fps?: number | undefined;
  /** Part of the sound that had to be made up, from 0 to 1. */
  concealed?: number | undefined;
  /** Nothing arrives at all. */
  still?: boolean;
}

/** The deduction of the highest step that the value reaches. */
function step(value: number | undefined, steps: readonly (readonly [from: number, minus: number])[]): number {
  if (value === undefined) return 0;
  return steps.reduce((minus, [from, more]) => (value >= from ? more : minus), 0);
}

/**
 * From 5, nothing is noticed, to 0, nothing comes through. The steps follow what is heard and seen: sound bears 2 % of
 * loss unnoticed and 10 % with holes, answers overlap beyond 300 ms (ITU-T G.114 names 150 ms and 400 ms one way), and
 * fewer than eight pictures a second are seen as single ones.
 */
export function scoreOf(signs: Signs): number {
  if (signs.still) return 0;
  const minus =
    step(signs.loss, [[0.02, 0.5], [0.05, 1.5], [0.08, 2.6], [0.2, 3.6]]) +
    step(signs.rttMs, [[300, 0.5], [600, 1.5], [1200, 2.5]]) +
    step(signs.jitterMs, [[60, 0.5], [150, 1]]) +
    step(signs.concealed, [[0.05, 0.5], [0.15, 1.5], [0.4, 2.5]]) +
    (signs.fps === undefined ? 0 : step(-signs.fps, [[-8, 1], [-3, 1.5], [-0.5, 2.5]]));
  return Math.max(0.5, 5 - minus);
}

/** The word for a score. */
export function verdictOf(score: number): Verdict {
  if (score >= 4) return "good";
  if (score >= 2.5) return "fair";
  return score > 0 ? "poor" : "lost";
}
