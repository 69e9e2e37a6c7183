import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Schemas, Service } from "../../api/client";
import { addDays, language } from "../../i18n";
import { errorOf, ErrorSummary, useErrors } from "../../ui/errors";
import { RadioGroup, SelectField, TextField } from "../../ui/fields";
import { Dialog } from "../dialog";
import { serviceName, WEEKS, weeksIn } from "./conditions";
import type { Stretch } from "./draft";
import { clockField, type Conditions, minutesOf, moved, weekdayName } from "./stretches";
import { TimeField } from "./time-field";

type Rhythm = "every" | "of_month" | "alternate";

/** Everything of a stretch as it is typed. */
interface Entry {
  clinician: string;
  weekday: string;
  opens: string;
  closes: string;
  rhythm: Rhythm;
  weeks: number[];
  anchor: string;
  from: string;
  to: string;
  service: string;
}

const entryOf = ({ clinician, weekday, opens, closes, rest }: Stretch, today: string): Entry => ({
  clinician,
  weekday: String(weekday),
  opens: clockField(opens),
  closes: clockField(closes),
  rhythm: rest.weeks_of_month != null ? "of_month" : rest.alternate_from != null ? "alternate" : "every",
  weeks: rest.weeks_of_month != null ? weeksIn(rest.weeks_of_month) : [],
  anchor: rest.alternate_from ?? today,
  from: rest.valid_from ?? "",
  to: rest.valid_until != null ? addDays(rest.valid_until, -1) : "",
  service: rest.service_id ?? "",
});

function conditionsOf(entry: Entry): Conditions {
  return {
    ...(entry.rhythm === "of_month" ? { weeks_of_month: entry.weeks.reduce((pattern, week) => pattern | (1 << (week - 1)), 0) } : {}),
    ...(entry.rhythm === "alternate" ? { alternate_from: entry.anchor } : {}),
    ...(entry.from ? { valid_from: entry.from } : {}),
    ...(entry.to ? { valid_until: addDays(entry.to, 1) } : {}),
    ...(entry.service ? { service_id: entry.service } : {}),
  };
}

/** One stretch of hours with all its conditions: what dragging can do, and what it cannot. */
export function StretchDialog({ stretch, isNew, clinicians, services, today, onDone, onRemove, onClose }: {
  stretch: Stretch;
  isNew: boolean;
  clinicians: Schemas["Clinician"][];
  services: Service[];
  today: string;
  onDone: (stretch: Stretch) => void;
  onRemove: () => void;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const [entry, setEntry] = useState(() => entryOf(stretch, today));
  const [errors, setErrors] = useErrors();
  const put = (part: Partial<Entry>) => { setEntry({ ...entry, ...part }); };
  const minutes = minutesOf(entry);
  const shift = (by: number) => {
    if (!minutes) return;
    const { opens, closes } = moved(minutes, by);
    put({ opens: clockField(opens), closes: clockField(closes) });
  };
  const done = () => {
    const faults = [
      ...(entry.opens ? [] : [{ field: "stretch-opens", text: t`始まりの時刻を入れてください` }]),
      ...(entry.closes ? [] : [{ field: "stretch-closes", text: t`終わりの時刻を入れてください` }]),
      ...(entry.opens && entry.closes && !minutes ? [{ field: "stretch-closes", text: t`終わりは、始まりより後にしてください` }] : []),
      ...(entry.rhythm === "of_month" && entry.weeks.length === 0 ? [{ field: "stretch-week-1", text: t`第何週かを選んでください` }] : []),
      ...(entry.rhythm === "alternate" && !entry.anchor ? [{ field: "stretch-anchor", text: t`日付を入れてください` }] : []),
      ...(entry.from && entry.to && entry.to < entry.from ? [{ field: "stretch-to", text: t`終わりの日は、始まりの日より後にしてください` }] : []),
    ];
    setErrors(faults);
    if (faults.length > 0 || !minutes) return;
    onDone({ clinician: entry.clinician, weekday: Number(entry.weekday), ...minutes, rest: conditionsOf(entry) });
  };
  return (
    <Dialog title={isNew ? t`時間を足す` : t`時間を変更`} onClose={onClose}>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        done();
      }}>
        <ErrorSummary errors={errors} />
        <div className="form-row">
          {clinicians.length > 1 ? (
            <SelectField id="stretch-clinician" label={t`医師`} value={entry.clinician} onChange={(clinician) => { put({ clinician }); }} options={clinicians.map((one) => ({ value: one.id, label: one.name }))} />
          ) : null}
          <SelectField id="stretch-weekday" label={t`曜日`} value={entry.weekday} onChange={(weekday) => { put({ weekday }); }} options={[1, 2, 3, 4, 5, 6, 7].map((day) => ({ value: String(day), label: weekdayName(day, language()) }))} />
          <TimeField id="stretch-opens" label={t`始まり`} error={errorOf(errors, "stretch-opens")} value={entry.opens} onChange={(opens) => { put({ opens }); }} />
          <TimeField id="stretch-closes" label={t`終わり`} error={errorOf(errors, "stretch-closes")} value={entry.closes} onChange={(closes) => { put({ closes }); }} />
        </div>
        <div className="shift" role="group" aria-label={t`始まりと終わりをいっしょにずらす`}>
          <button type="button" className="button button-outline button-small" onClick={() => { shift(-15); }}>{t`15分 早く`}</button>
          <button type="button" className="button button-outline button-small" onClick={() => { shift(-5); }}>{t`5分 早く`}</button>
          <button type="button" className="button button-outline button-small" onClick={() => { shift(5); }}>{t`5分 遅く`}</button>
          <button type="button" className="button button-outline button-small" onClick={() => { shift(15); }}>{t`15分 遅く`}</button>
        </div>
        <RadioGroup id="stretch-rhythm" legend={t`どの週か`} value={entry.rhythm} onChange={(rhythm) => { put({ rhythm }); }} options={[
          { value: "every", label: t`毎週` },
          { value: "of_month", label: t`月の決まった週（第2・第4など）` },
          { value: "alternate", label: t`1週おき` },
        ]} />
        {entry.rhythm === "of_month" ? <WeekBoxes chosen={entry.weeks} error={errorOf(errors, "stretch-week-1")} onChange={(weeks) => { put({ weeks }); }} /> : null}
        {entry.rhythm === "alternate" ? (
          <TextField id="stretch-anchor" type="date" width="medium" label={t`この日がある週に診療する`} error={errorOf(errors, "stretch-anchor")} value={entry.anchor} onChange={(anchor) => { put({ anchor }); }} />
        ) : null}
        <div className="form-row">
          <TextField id="stretch-from" type="date" width="medium" optional label={t`この日から`} value={entry.from} onChange={(from) => { put({ from }); }} />
          <TextField id="stretch-to" type="date" width="medium" optional label={t`この日まで`} error={errorOf(errors, "stretch-to")} value={entry.to} onChange={(to) => { put({ to }); }} />
        </div>
        <SelectField id="stretch-service" label={t`診療の種類`} value={entry.service} onChange={(service) => { put({ service }); }} options={[
          { value: "", label: t`すべて` },
          ...services.map((one) => ({ value: one.id, label: serviceName(one) })),
        ]} />
        <p className="buttons">
          <button type="submit" className="button button-solid">{t`決める`}</button>
          <button type="button" className="button button-outline" onClick={onClose}>{t`やめる`}</button>
          {isNew ? null : <button type="button" className="button button-danger" onClick={onRemove}>{t`この時間を消す`}</button>}
        </p>
      </form>
    </Dialog>
  );
}

function WeekBoxes({ chosen, error, onChange }: { chosen: number[]; error: string | undefined; onChange: (weeks: number[]) => void }) {
  const { t } = useLingui();
  return (
    <fieldset className={`field${error ? " field-failed" : ""}`}>
      <legend>{t`月の第何週か`}</legend>
      {error ? <p className="field-error" id="stretch-week-error">{error}</p> : null}
      <div className="weeks">
        {WEEKS.map((week) => (
          <label className="choice" key={week}>
            <input type="checkbox" id={`stretch-week-${week}`} checked={chosen.includes(week)} {...(error ? { "aria-describedby": "stretch-week-error" } : {})} onChange={(event) => {
              onChange(event.target.checked ? [...chosen, week] : chosen.filter((one) => one !== week));
            }} />
            <span>{t`第${week}`}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
