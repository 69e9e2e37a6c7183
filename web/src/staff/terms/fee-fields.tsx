import { useLingui } from "@lingui/react/macro";
import { errorOf, type FieldError } from "../../ui/errors";
import { SelectField, TextField } from "../../ui/fields";
import type { Row } from "./fees";
import { useFeeKinds, usePoints } from "./words";

/** One fee: what it is for, its names, and how much it is. */
export function FeeFields({ row, place, insured, errors, onChange, onRemove }: {
  row: Row;
  place: number;
  insured: boolean;
  errors: FieldError[];
  onChange: (part: Partial<Row>) => void;
  onRemove: () => void;
}) {
  const { t } = useLingui();
  const kinds = useFeeKinds().filter(({ value }) => !insured || value !== "reservation_fee" || row.kind === value);
  const points = usePoints();
  const id = (field: string) => `fee-${row.key}-${field}`;
  const error = (field: string) => errorOf(errors, id(field));
  const known = points.some(({ value }) => value === row.points_code);
  return (
    <fieldset className="card">
      <legend>{t`料金 ${place + 1}`}</legend>
      <SelectField id={id("kind")} label={t`何の料金か`} error={error("kind")} value={row.kind} options={kinds} onChange={(kind) => { onChange({ kind }); }} />
      <div className="form-grid">
        <TextField id={id("name_ja")} label={t`名前（日本語）`} error={error("name_ja")} value={row.name_ja} onChange={(name_ja) => { onChange({ name_ja }); }} />
        <TextField id={id("name_en")} label={t`名前（英語）`} error={error("name_en")} value={row.name_en} onChange={(name_en) => { onChange({ name_en }); }} />
      </div>
      <SelectField id={id("price")} label={t`金額の示しかた`} value={row.price} options={[
        { value: "yen" as const, label: t`決まった金額` },
        ...(insured || row.price === "points" ? [{ value: "points" as const, label: t`診療報酬の点数（自己負担の目安を出す）` }] : []),
        { value: "words" as const, label: t`金額は示さない` },
      ]} onChange={(price) => { onChange(price === "points" && !row.points_code ? { price, points_code: points[0]?.value ?? "" } : { price }); }} />
      {row.price === "yen" ? <TextField id={id("yen")} width="short" inputMode="numeric" label={t`金額（円、税込み）`} error={error("yen")} value={row.yen} onChange={(yen) => { onChange({ yen }); }} /> : null}
      {row.price === "points" ? <SelectField id={id("points_code")} label={t`点数表の項目`} error={error("points_code")} value={row.points_code} options={[...points, ...(known || !row.points_code ? [] : [{ value: row.points_code, label: row.points_code }])]} onChange={(points_code) => { onChange({ points_code }); }} /> : null}
      <div className="form-grid">
        <TextField id={id("note_ja")} optional label={t`説明（日本語）`} error={error("note_ja")} value={row.note_ja} onChange={(note_ja) => { onChange({ note_ja }); }} />
        <TextField id={id("note_en")} optional label={t`説明（英語）`} error={error("note_en")} value={row.note_en} onChange={(note_en) => { onChange({ note_en }); }} />
      </div>
      <button type="button" className="link" aria-label={t`料金 ${place + 1} を消す`} onClick={onRemove}>{t`消す`}</button>
    </fieldset>
  );
}
