import type { Schemas } from "../../api/client";
import { numberIn } from "../settings/rules";

export type FeeItem = Schemas["FeeItem"];
export type FeeKind = FeeItem["kind"];
export type Fees = Schemas["EditedFees"];

/** How a fee is said: a fixed amount, a share of points, or in words only. */
export type Price = "yen" | "points" | "words";

/** A fee as it is typed. Keys stay theirs, so that the focus cannot go to another row. */
export interface Row {
  key: number;
  kind: FeeKind;
  name_ja: string;
  name_en: string;
  note_ja: string;
  note_en: string;
  price: Price;
  yen: string;
  points_code: string;
}

/** Calling a visit off as it is typed; an empty amount says nothing of it. */
export interface CancelRow {
  fee_yen: string;
  note_ja: string;
  note_en: string;
}

export const EMPTY: Omit<Row, "key"> = { kind: "consultation", name_ja: "", name_en: "", note_ja: "", note_en: "", price: "yen", yen: "", points_code: "" };

export const rowOf = (item: FeeItem, key: number): Row => ({
  key,
  kind: item.kind,
  name_ja: item.name_ja,
  name_en: item.name_en,
  note_ja: item.note_ja ?? "",
  note_en: item.note_en ?? "",
  price: item.points_code != null ? "points" : item.yen != null ? "yen" : "words",
  yen: item.yen == null ? "" : String(item.yen),
  points_code: item.points_code ?? "",
});

export const cancelRowOf = (cancel: Fees["cancel"]): CancelRow => ({
  fee_yen: cancel.fee_yen == null ? "" : String(cancel.fee_yen),
  note_ja: cancel.note_ja ?? "",
  note_en: cancel.note_en ?? "",
});

/** What is to be kept, or the controls with an amount that is none: `fee-3-yen`, `cancel-yen`. */
export function wishOf(rows: Row[], cancel: CancelRow): { items: FeeItem[]; cancel: Fees["cancel"] } | { faults: string[] } {
  const cancelYen = cancel.fee_yen.trim() === "" ? null : numberIn(cancel.fee_yen);
  const faults = [
    ...rows.filter((row) => row.price === "yen" && Number.isNaN(numberIn(row.yen))).map((row) => `fee-${row.key}-yen`),
    ...(Number.isNaN(cancelYen) ? ["cancel-fee_yen"] : []),
  ];
  if (faults.length > 0) return { faults };
  const items = rows.map((row): FeeItem => ({
    kind: row.kind,
    name_ja: row.name_ja.trim(),
    name_en: row.name_en.trim(),
    note_ja: row.note_ja.trim(),
    note_en: row.note_en.trim(),
    ...(row.price === "yen" ? { yen: numberIn(row.yen) } : {}),
    ...(row.price === "points" ? { points_code: row.points_code } : {}),
  }));
  return { items, cancel: { fee_yen: cancelYen, note_ja: cancel.note_ja.trim(), note_en: cancel.note_en.trim() } };
}

/** The control of a pointer of the server: `/items/2/name_ja` or `/cancel/fee_yen`. */
export function controlAt(rows: Row[], pointer: string): string | undefined {
  const [, place, field] = /^\/items\/(\d+)\/(\w+)$/.exec(pointer) ?? [];
  if (place !== undefined && field !== undefined) {
    const row = rows[Number(place)];
    return row ? `fee-${row.key}-${field}` : undefined;
  }
  const cancel = /^\/cancel\/(\w+)$/.exec(pointer)?.[1];
  return cancel ? `cancel-${cancel}` : undefined;
}
