import { useLingui } from "@lingui/react/macro";
import { useQueries } from "@tanstack/react-query";
import { lazy, Suspense, useReducer, useState } from "react";
import { useNavigate } from "react-router";
import { api, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { addDays, dateOf, dayName, language } from "../../i18n";
import { ErrorSummary, Failure, type FieldError, useErrors } from "../../ui/errors";
import { Busy, PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { useAccount } from "../account";
import { ClinicianSelect } from "../clinician-select";
import { CLINIC_ZONE } from "../today-page";
import { ChangePanel, useChange } from "./change";
import { changed, daysFrom, type Deed, type Draft, EMPTY, occurrences, rowsOfClinician, type Stored, type Stretch, unsaved } from "./draft";
import { HoursForm } from "./hours-form";
import { StretchDialog } from "./stretch-dialog";
import { type HoursFault, hoursOf, minutesOf, mondayOf, weekdayName } from "./stretches";
import { useDays } from "./week";
import type { CalendarDeeds } from "./week-calendar";
import { WeekTable } from "./week-table";

const WeekCalendar = lazy(() => import("./week-calendar"));

/** Weekly hours of all clinicians: dragged in a calendar or typed in a form, kept by the same call. */
export function HoursPage() {
  const { t } = useLingui();
  const clinicians = api.useQuery("get", "/api/clinic/clinicians");
  return (
    <>
      <PageTitle title={t`診療時間`} />
      <p>{t`オンライン診療を受け付ける、毎週の時間です。決まった日の休みや臨時の診療は「休診日」で決めます。`}</p>
      <QueryState query={clinicians} />
      {clinicians.data ? <HoursOfAll clinicians={clinicians.data.items} /> : null}
    </>
  );
}

function HoursOfAll({ clinicians }: { clinicians: Schemas["Clinician"][] }) {
  const queries = useQueries({
    queries: clinicians.map(({ id }) => ({
      ...api.queryOptions("get", "/api/clinic/hours", { params: { query: { clinician: id } } }),
      refetchOnWindowFocus: false,
      staleTime: Infinity,
      gcTime: 0,
    })),
  });
  const failed = queries.find((query) => query.error);
  const reload = () => { queries.forEach((query) => { void query.refetch(); }); };
  if (failed) return <Failure error={failed.error} retry={reload} />;
  const answers = queries.flatMap((query) => (query.data ? [query.data] : []));
  if (answers.length < clinicians.length) return <Busy />;
  const stored = clinicians.map(({ id }, place): Stored => ({ clinician: id, version: answers[place]?.version ?? 0, hours: answers[place]?.hours ?? [] }));
  return <HoursEditor stamp={queries.map((query) => query.dataUpdatedAt).join()} clinicians={clinicians} stored={stored} services={answers[0]?.services ?? []} onReload={reload} />;
}

/** What the dialog is open for: a stretch that is there, or one that is to be added. */
type Open = { key: number; stretch: Stretch } | { key: undefined; stretch: Stretch };

type View = "calendar" | "form";

function HoursEditor({ stamp, clinicians, stored, services, onReload }: {
  /** Another one says that `stored` came from the server anew. */
  stamp: string;
  clinicians: Schemas["Clinician"][];
  stored: Stored[];
  services: Schemas["Service"][];
  onReload: () => void;
}) {
  const { t } = useLingui();
  const account = useAccount();
  const navigate = useNavigate();
  const today = dateOf(new Date(), CLINIC_ZONE);
  const [draft, tell] = useReducer(changed, stored, (all): Draft => changed(EMPTY, { deed: "load", stored: all }));
  const [seen, setSeen] = useState(stamp);
  if (stamp !== seen) {
    setSeen(stamp);
    tell({ deed: "load", stored });
  }
  const [view, setView] = useState<View>("calendar");
  const [days, setDays] = useState(() => (window.matchMedia("(min-width: 48rem)").matches ? 7 : 1));
  const [day, setDay] = useState(today);
  const [who, setWho] = useState(clinicians.length > 1 ? "" : (clinicians[0]?.id ?? ""));
  const [open, setOpen] = useState<Open>();
  const [errors, setErrors] = useErrors();
  const [said, setSaid] = useState("");
  const [focus, setFocus] = useState<{ key: number }>();
  const flow = useChange(onReload);
  const words: Record<HoursFault, string> = {
    not_a_time: t`時刻は 9:00 のように入れてください`,
    wrong_order: t`終わりは、始まりより後にしてください`,
    overlap: t`同じ曜日の、ほかの時間と重なっています`,
  };
  const nameOf = (id: string) => clinicians.find((one) => one.id === id)?.name ?? "";
  const dirty = unsaved(draft);
  const deed = (one: Deed) => {
    flow.drop();
    tell(one);
    const after = changed(draft, one);
    const key = "key" in one ? one.key : draft.next;
    setFocus({ key });
    const row = after.rows.find((other) => other.key === key);
    if (one.deed === "remove") setSaid(t`消しました。まだ保存していません`);
    else if (row) setSaid(t`${nameOf(row.clinician)} ${weekdayName(row.weekday, language())} ${row.opens} から ${row.closes} まで。まだ保存していません`);
  };
  const openRow = (key: number) => {
    const row = draft.rows.find((one) => one.key === key);
    if (!row) return;
    const minutes = minutesOf(row) ?? { opens: 540, closes: 720 };
    setOpen({ key, stretch: { clinician: row.clinician, weekday: row.weekday, ...minutes, rest: row.rest } });
  };
  const mine = who || (account.clinician_id ?? clinicians[0]?.id ?? "");
  const add = (weekday: number) => { setOpen({ key: undefined, stretch: { clinician: mine, weekday, opens: 540, closes: 720, rest: {} } }); };
  const save = async () => {
    const edits: Schemas["HoursEdit"][] = [];
    const faults: FieldError[] = [];
    for (const { clinician, version } of dirty) {
      const read = hoursOf(rowsOfClinician(draft, clinician));
      if ("faults" in read) faults.push(...read.faults.map(({ key, fault }) => ({ field: `row-${key}`, text: clinicians.length > 1 ? t`${nameOf(clinician)}: ${words[fault]}` : words[fault] })));
      else edits.push({ kind: "weekly_hours", clinician_id: clinician, version, hours: read.hours });
    }
    setErrors(faults);
    const atFault = draft.rows.find((row) => faults.some(({ field }) => field === `row-${row.key}`));
    if (atFault) {
      setView("form");
      setWho(atFault.clinician);
      return;
    }
    await flow.propose(edits);
  };
  const dates = daysFrom(days === 7 ? mondayOf(day) : day, days);
  const shown = clinicians.filter(({ id }) => (view === "form" ? id === mine : !who || id === who));
  const discard = () => {
    flow.drop();
    setErrors([]);
    setSaid(t`変更を捨てました`);
    tell({ deed: "load", stored: draft.stored });
  };
  const calendar: CalendarDeeds = {
    onOpen: openRow,
    onAdd: (stretch) => { setOpen({ key: undefined, stretch }); },
    onPut: (key, stretch) => { deed({ deed: "put", key, stretch }); },
    onRemove: (key) => { deed({ deed: "remove", key }); },
    onSpecial: () => { void navigate("/staff/closed-days"); },
  };
  return (
    <>
      <ErrorSummary errors={errors} />
      <ChangePanel flow={flow} done={t`保存しました`} />
      {flow.failure && problemOf(flow.failure).code === "stale" ? (
        <p>
          <button type="button" className="button button-outline" onClick={onReload}>{t`今の時間を読み込む（入れた内容は消えます）`}</button>
        </p>
      ) : null}
      <div className="toolbar" role="group" aria-label={t`見せかた`}>
        <button type="button" className="button button-outline button-small" aria-pressed={view === "calendar"} onClick={() => { setView("calendar"); }}>{t`カレンダーで`}</button>
        <button type="button" className="button button-outline button-small" aria-pressed={view === "form"} onClick={() => { setView("form"); }}>{t`表で`}</button>
        <button type="button" className="button button-outline button-small" onClick={() => { add(1); }}>{t`時間を足す`}</button>
      </div>
      {clinicians.length > 1 ? <ClinicianSelect everybody={view === "calendar"} clinicians={clinicians} value={view === "calendar" ? who : mine} onChange={setWho} /> : null}
      <p className="visually-hidden" role="status">{said}</p>
      <form id="hours" noValidate onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}>
        {view === "form" ? (
          <>
            <p className="small">{t`終わりの 0:00 は、夜の 24 時です。`}</p>
            <HoursForm rows={rowsOfClinician(draft, mine)} errors={errors} services={services} onDeed={deed} onOpen={openRow} onAdd={add} />
          </>
        ) : (
          <p className="small">{t`時間は、ドラッグでも、キーボードでも変えられます。Enter で開き、上下の矢印で15分（Shift といっしょに5分）、左右の矢印で曜日、Alt と上下の矢印で終わりが動き、Delete で消えます。空いているところをドラッグすると、足せます。`}</p>
        )}
      </form>
      <WeekBar dates={dates} today={today} days={days} onDays={setDays} onGo={setDay} />
      <Week dates={dates} clinicians={shown} services={services} draft={draft} focus={focus} deeds={view === "calendar" ? calendar : undefined} />
      <div className="save-bar">
        <button type="submit" form="hours" className="button button-solid" disabled={flow.busy}>{t`保存する`}</button>
        {dirty.length > 0 ? (
          <>
            <span>{t`保存していない変更があります`}</span>
            <button type="button" className="link" onClick={discard}>{t`変更を捨てる`}</button>
          </>
        ) : null}
      </div>
      {open ? (
        <StretchDialog key={open.key ?? "new"} stretch={open.stretch} isNew={open.key === undefined} clinicians={clinicians} services={services} today={today} onClose={() => { setOpen(undefined); }} onRemove={() => {
          if (open.key !== undefined) deed({ deed: "remove", key: open.key });
          setOpen(undefined);
        }} onDone={(stretch) => {
          deed(open.key === undefined ? { deed: "add", stretch } : { deed: "put", key: open.key, stretch });
          setOpen(undefined);
        }} />
      ) : null}
    </>
  );
}

/** Which days are shown. */
function WeekBar({ dates, today, days, onDays, onGo }: { dates: string[]; today: string; days: number; onDays: (days: number) => void; onGo: (date: string) => void }) {
  const { t } = useLingui();
  const [first, last] = [dates[0] ?? today, dates.at(-1) ?? today];
  return (
    <div className="toolbar" role="group" aria-label={t`日付`}>
      <button type="button" className="button button-outline button-small" onClick={() => { onGo(addDays(first, -days)); }}>{days === 7 ? t`前の週` : t`前の日`}</button>
      <strong>{days === 7 ? t`${dayName(first, language())}から${dayName(last, language())}まで` : dayName(first, language())}</strong>
      <button type="button" className="button button-outline button-small" onClick={() => { onGo(addDays(first, days)); }}>{days === 7 ? t`次の週` : t`次の日`}</button>
      <label>
        <span className="visually-hidden">{t`日付を選ぶ`}</span>
        <input type="date" className="input input-small" value={first} onChange={(event) => { if (event.target.value) onGo(event.target.value); }} />
      </label>
      <button type="button" className="button button-outline button-small" aria-pressed={days === 7} onClick={() => { onDays(7); }}>{t`1週間`}</button>
      <button type="button" className="button button-outline button-small" aria-pressed={days === 1} onClick={() => { onDays(1); }}>{t`1日`}</button>
    </div>
  );
}

/** The shown days: in the calendar, where there is one, and as a table. */
function Week({ dates, clinicians, services, draft, focus, deeds }: {
  dates: string[];
  clinicians: Schemas["Clinician"][];
  services: Schemas["Service"][];
  draft: Draft;
  focus: { key: number } | undefined;
  deeds: CalendarDeeds | undefined;
}) {
  const { t } = useLingui();
  const { specials, taken, error } = useDays(dates);
  const rows = draft.rows.filter((row) => clinicians.some(({ id }) => id === row.clinician));
  const shown = { dates, clinicians, services, specials, taken, hours: occurrences(rows, dates) };
  if (!deeds) {
    return (
      <>
        {error ? <Failure error={error} /> : null}
        <WeekTable {...shown} />
      </>
    );
  }
  return (
    <>
      {error ? <Failure error={error} /> : null}
      <Suspense fallback={<Busy />}>
        <WeekCalendar {...shown} focus={focus} deeds={deeds} />
      </Suspense>
      <details>
        <summary>{t`同じ内容を表で見る`}</summary>
        <WeekTable {...shown} />
      </details>
    </>
  );
}
