import { useLingui } from "@lingui/react/macro";
import type { Service } from "../../api/client";
import { language } from "../../i18n";
import { errorOf, type FieldError } from "../../ui/errors";
import { useConditionText } from "./conditions";
import type { Deed } from "./draft";
import { type HoursRow, weekdayName } from "./stretches";

/** The weekly hours of one clinician as fields, day by day. */
export function HoursForm({ rows, errors, services, onDeed, onOpen, onAdd }: {
  rows: HoursRow[];
  errors: FieldError[];
  services: Service[];
  onDeed: (deed: Deed) => void;
  onOpen: (key: number) => void;
  onAdd: (weekday: number) => void;
}) {
  const { t } = useLingui();
  const words = useConditionText(services);
  return (
    <>
      {[1, 2, 3, 4, 5, 6, 7].map((weekday) => {
        const day = weekdayName(weekday, language());
        const mine = rows.filter((row) => row.weekday === weekday);
        return (
          <fieldset className="weekday" key={weekday}>
            <legend>{day}</legend>
            {mine.map((row) => (
              <HoursLine key={row.key} row={row} note={words(row.rest)} error={errorOf(errors, `row-${row.key}`)} onDeed={onDeed} onOpen={onOpen} />
            ))}
            {mine.length > 0 ? null : <p className="small">{t`休み`}</p>}
            <button type="button" className="button button-outline button-small" aria-label={t`${day} に時間を足す`} onClick={() => { onAdd(weekday); }}>
              {t`時間を足す`}
            </button>
          </fieldset>
        );
      })}
    </>
  );
}

function HoursLine({ row, note, error, onDeed, onOpen }: { row: HoursRow; note: string; error: string | undefined; onDeed: (deed: Deed) => void; onOpen: (key: number) => void }) {
  const { t } = useLingui();
  const day = weekdayName(row.weekday, language());
  const invalid = error ? { "aria-invalid": true, "aria-describedby": `row-${row.key}-error` } : {};
  return (
    <div className="hours-line">
      {error ? <p className="field-error" id={`row-${row.key}-error`}>{error}</p> : null}
      <input type="time" id={`row-${row.key}`} step={300} className="input input-small" aria-label={t`${day} 始まり`} value={row.opens} {...invalid} onChange={(event) => { onDeed({ deed: "type", key: row.key, part: { opens: event.target.value } }); }} />
      <span>{t`から`}</span>
      <input type="time" step={300} className="input input-small" aria-label={t`${day} 終わり`} value={row.closes} {...invalid} onChange={(event) => { onDeed({ deed: "type", key: row.key, part: { closes: event.target.value } }); }} />
      {note ? <span>{note}</span> : null}
      <button type="button" className="link" aria-label={t`${day} ${row.opens} からの時間を変更`} onClick={() => { onOpen(row.key); }}>{t`週・期間・種類を変更`}</button>
      <button type="button" className="link" aria-label={t`${day} ${row.opens} からの時間を消す`} onClick={() => { onDeed({ deed: "remove", key: row.key }); }}>{t`消す`}</button>
    </div>
  );
}
