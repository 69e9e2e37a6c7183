import type { Schemas } from "../api/client";

type Point = Schemas["PointReport"];

/** How the growth of a point is to be written: a number, or why there is none. */
export type Growth = { kind: "value"; pct: number } | { kind: "break" } | { kind: "none" };

/** No growth rate is made here: the server gives it as a fraction, or the reason why there can be none. */
export function growthOf(point: Pick<Point, "growth" | "growth_reason">): Growth {
  if (point.growth_reason === "series_break") return { kind: "break" };
  return point.growth == null ? { kind: "none" } : { kind: "value", pct: point.growth * 100 };
}
