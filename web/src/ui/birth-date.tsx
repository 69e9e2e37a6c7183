import { useLingui } from "@lingui/react/macro";
import { language } from "../i18n/language";
import { bothCalendars, type DateEntry, type DateFault, ERAS, type Era, readDate } from "../i18n/wareki";
import { FieldErrorText } from "./fields";

/** The local date of this device: only to refuse a birth date in the future. */
export function deviceToday(): string {
  const now = new Date();
  return `${String(now.getFullYear())}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
}

/** A sentence for a date that cannot be. */
export function useDateFault(): (fault: DateFault) => string {
  const { t } = useLingui();
  return (fault) => {
    switch (fault) {
      case "missing":
        return t`生年月日の年・月・日を入れてください`;
      case "not_a_date":
        return t`この日付はありません。年・月・日を確かめてください`;
      case "not_in_era":
        return t`この日はその元号に入っていません。元号と年を確かめてください`;
      case "future":
        return t`生年月日が未来の日になっています`;
      case "too_old":
        return t`年を確かめてください`;
    }
  };
}

/** Era and three short fields; what was understood is echoed in both calendars. Never moves by itself. */
export function BirthDateField({ id, legend, entry, error, onChange }: {
  id: string;
  legend: string;
  entry: DateEntry;
  error?: string | undefined;
  onChange: (entry: DateEntry) => void;
}) {
  const { t } = useLingui();
  const read = readDate(entry, deviceToday());
  const eras: { key: Era; label: string }[] = [
    { key: "western", label: t`西暦` },
    ...ERAS.slice().reverse().map((era) => ({ key: era.key, label: language() === "ja" ? era.ja : era.en })),
  ];
  const box = (part: "year" | "month" | "day", label: string, autoComplete: string) => (
    <label className="date-part" key={part}>
      <span>{label}</span>
      <input className={`input input-${part === "year" ? "year" : "two"}`} id={part === "year" ? id : `${id}-${part}`} name={`${id}-${part}`} inputMode="numeric" maxLength={4} autoComplete={autoComplete} value={entry[part]} aria-invalid={error ? true : undefined} aria-describedby={error ? `${id}-error` : undefined} onChange={(event) => { onChange({ ...entry, [part]: event.target.value }); }} />
    </label>
  );
  return (
    <fieldset className={`field${error ? " field-failed" : ""}`}>
      <legend>{legend}</legend>
      <p className="hint">{t`例: 昭和 23 年 5 月 3 日、または西暦 1948 年 5 月 3 日`}</p>
      <FieldErrorText id={id} error={error} />
      <div className="date-parts">
        <label className="date-part">
          <span>{t`元号`}</span>
          <select className="input select" name={`${id}-era`} id={`${id}-era`} value={entry.era} onChange={(event) => {
            const era = eras.find((known) => known.key === event.target.value);
            if (era) onChange({ ...entry, era: era.key });
          }}>
            {eras.map((era) => (
              <option key={era.key} value={era.key}>
                {era.label}
              </option>
            ))}
          </select>
        </label>
        {box("year", t`年`, entry.era === "western" ? "bday-year" : "off")}
        {box("month", t`月`, "bday-month")}
        {box("day", t`日`, "bday-day")}
      </div>
      <p className="echo" role="status">
        {"date" in read ? bothCalendars(read.date, language()) : ""}
      </p>
    </fieldset>
  );
}

/** An entry with nothing in it. */
export const emptyDate: DateEntry = { era: "western", year: "", month: "", day: "" };
