/** What went wrong, in the words of the server (RFC 9457) or our own when it could not be reached. */
export interface Problem {
  /** Stable word for programs: `slot_taken`, `hold_expired`, … or `network`, `unknown`. */
  code: string;
  /** HTTP status, 0 when there was no answer. */
  status: number;
  /** A sentence for a person; empty when the server gave none. */
  detail: string;
  /** One entry a faulty field: JSON pointer and sentence. */
  fields: { pointer: string; detail: string }[];
  /** The visits that would lose their time. */
  stranded?: { number: string; start: string }[];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** A refusal of the server as something that can be thrown. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(body: unknown) {
    const problem = problemOf(body);
    super(problem.code);
    this.problem = problem;
  }
}

/** Reads whatever a failed call threw or returned. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Refused) return error.problem;
  if (error instanceof TypeError) return { code: "network", status: 0, detail: "", fields: [] };
  if (!isRecord(error)) return { code: "unknown", status: 0, detail: "", fields: [] };
  const entries: unknown[] = Array.isArray(error.errors) ? error.errors : [];
  return {
    code: text(error.code) || "unknown",
    status: typeof error.status === "number" ? error.status : 0,
    detail: text(error.detail) || text(error.title),
    fields: entries.filter(isRecord).map((entry) => ({ pointer: text(entry.pointer), detail: text(entry.detail) })),
    ...(Array.isArray(error.stranded) ? { stranded: error.stranded.filter(isRecord).map((one) => ({ number: text(one.number), start: text(one.start) })) } : {}),
  };
}
