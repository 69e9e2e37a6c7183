import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { minutesOfClock } from "../../i18n";
import { errorOf, ErrorSummary, type FieldError, useErrors } from "../../ui/errors";
import { RadioGroup, SelectField, TextField } from "../../ui/fields";
import { ClinicianSelect } from "../clinician-select";
import { minutesOf } from "./stretches";
import { TimeField } from "./time-field";

type Edit = Schemas["HoursEdit"];
type What = "dates" | "yearly" | "open" | "break";

/** A day of every year, as two selects. */
interface MonthDay {
  month: string;
  day: string;
}

const EMPTY = { clinician: "", from: "", to: "", opens: "09:00", closes: "12:00", name: "", first: { month: "12", day: "29" }, last: { month: "1", day: "3" } };

const pad = (text: string): string => text.padStart(2, "0");
const monthDay = ({ month, day }: MonthDay): string => `${pad(month)}-${pad(day)}`;

/** Whether there is such a day; the 29th of February is one. */
const exists = ({ month, day }: MonthDay): boolean => new Date(Date.UTC(2024, Number(month) - 1, Number(day))).getUTCMonth() === Number(month) - 1;

/** Closes days, once or every year, or gives a date other hours. Nothing is made before it was shown what it strands. */
export function ClosedDaysForm({ clinicians, today, busy, onPropose }: {
  clinicians: Schemas["Clinician"][];
  today: string;
  busy: boolean;
  onPropose: (edits: Edit[]) => void;
}) {
  const { t } = useLingui();
  const [what, setWhat] = useState<What>("dates");
  const [entry, setEntry] = useState(EMPTY);
  const [errors, setErrors] = useErrors();
  const put = (part: Partial<typeof EMPTY>) => { setEntry({ ...entry, ...part }); };
  const timed = what === "open" || what === "break";
  const faults = (): FieldError[] => {
    if (what === "yearly") {
      return [
        ...(exists(entry.first) ? [] : [{ field: "first-month", text: t`始まりの日は、こよみにありません` }]),
        ...(exists(entry.last) ? [] : [{ field: "last-month", text: t`終わりの日は、こよみにありません` }]),
      ];
    }
    const minutes = minutesOf(entry);
    const typed = minutesOfClock(entry.opens) !== undefined && minutesOfClock(entry.closes) !== undefined;
    return [
      ...(!entry.from ? [{ field: "from", text: t`日付を入れてください` }] : entry.from < today ? [{ field: "from", text: t`今日より前の日は選べません` }] : []),
      ...(what === "dates" && entry.to && entry.to < entry.from ? [{ field: "to", text: t`終わりの日は、始まりの日より後にしてください` }] : []),
      ...(timed && !minutes ? [{ field: "closes", text: typed ? t`終わりは、始まりより後にしてください` : t`時刻は 9:00 のように入れてください` }] : []),
    ];
  };
  const edit = (): Edit => {
    const whose = entry.clinician ? { clinician_id: entry.clinician } : {};
    const name = entry.name.trim();
    if (what === "yearly") return { kind: "add_closure", ...whose, name: name || t`休診`, yearly: { from: monthDay(entry.first), to: monthDay(entry.last) } };
    if (what === "dates" && entry.to && entry.to !== entry.from) return { kind: "add_closure", ...whose, name: name || t`休診`, dates: { from: entry.from, to: entry.to } };
    const minutes = timed ? minutesOf(entry) : undefined;
    return { kind: "add_exception", ...whose, date: entry.from, difference: what === "dates" ? "closed" : what, ...minutes, ...(name ? { note: name } : {}) };
  };
  const submit = () => {
    const found = faults();
    setErrors(found);
    if (found.length === 0) onPropose([edit()]);
  };
  return (
    <form className="panel" noValidate onSubmit={(event) => {
      event.preventDefault();
      submit();
    }}>
      <h2>{t`日を決める`}</h2>
      <ErrorSummary errors={errors} />
      <RadioGroup id="what" legend={t`何をするか`} value={what} onChange={(next) => {
        setErrors([]);
        setWhat(next);
      }} options={[
        { value: "dates", label: t`休診にする（1日、または期間）` },
        { value: "yearly", label: t`毎年、休診にする（年末年始、お盆など）` },
        { value: "open", label: t`その日だけ、別の時間に診療する` },
        { value: "break", label: t`その日だけ、途中で休む` },
      ]} />
      {what === "yearly" ? (
        <>
          <p className="shift">
            <button type="button" className="button button-outline button-small" onClick={() => { put({ name: t`年末年始`, first: { month: "12", day: "29" }, last: { month: "1", day: "3" } }); }}>{t`年末年始（12月29日から1月3日）`}</button>
            <button type="button" className="button button-outline button-small" onClick={() => { put({ name: t`お盆`, first: { month: "8", day: "13" }, last: { month: "8", day: "15" } }); }}>{t`お盆（8月13日から15日）`}</button>
          </p>
          <div className="form-row">
            <MonthDayField id="first" legend={t`毎年、この日から`} value={entry.first} error={errorOf(errors, "first-month")} onChange={(first) => { put({ first }); }} />
            <MonthDayField id="last" legend={t`この日まで`} value={entry.last} error={errorOf(errors, "last-month")} onChange={(last) => { put({ last }); }} />
          </div>
        </>
      ) : (
        <div className="form-row">
          <TextField id="from" type="date" width="medium" label={what === "dates" ? t`この日から` : t`日付`} error={errorOf(errors, "from")} value={entry.from} onChange={(from) => { put({ from }); }} />
          {what === "dates" ? <TextField id="to" type="date" width="medium" optional label={t`この日まで`} error={errorOf(errors, "to")} value={entry.to} onChange={(to) => { put({ to }); }} /> : null}
          {timed ? <TimeField id="opens" label={t`始まり`} value={entry.opens} onChange={(opens) => { put({ opens }); }} /> : null}
          {timed ? <TimeField id="closes" label={t`終わり`} error={errorOf(errors, "closes")} value={entry.closes} onChange={(closes) => { put({ closes }); }} /> : null}
        </div>
      )}
      <div className="form-row">
        <ClinicianSelect whole clinicians={clinicians} value={entry.clinician} onChange={(clinician) => { put({ clinician }); }} />
        <TextField id="note" optional label={t`名前・メモ`} value={entry.name} onChange={(name) => { put({ name }); }} />
      </div>
      <button type="submit" className="button button-solid" disabled={busy}>{timed ? t`この日だけ変える` : t`休診にする`}</button>
    </form>
  );
}

function MonthDayField({ id, legend, value, error, onChange }: { id: string; legend: string; value: MonthDay; error: string | undefined; onChange: (value: MonthDay) => void }) {
  const { t } = useLingui();
  const numbers = (most: number, name: (number: number) => string) => Array.from({ length: most }, (_, at) => ({ value: String(at + 1), label: name(at + 1) }));
  return (
    <fieldset className={`field month-day${error ? " field-failed" : ""}`}>
      <legend>{legend}</legend>
      <SelectField id={`${id}-month`} label={t`月`} error={error} value={value.month} onChange={(month) => { onChange({ ...value, month }); }} options={numbers(12, (month) => t`${month}月`)} />
      <SelectField id={`${id}-day`} label={t`日`} value={value.day} onChange={(day) => { onChange({ ...value, day }); }} options={numbers(31, (day) => t`${day}日`)} />
    </fieldset>
  );
}
