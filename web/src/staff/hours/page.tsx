import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../api/client";
import { problemOf } from "../api/problem";
import { language } from "../i18n";
import { Banner } from "../ui/banner";
import { ErrorSummary, errorOf, Failure, type FieldError } from "../ui/errors";
import { Busy, PageTitle } from "../ui/page";
import { QueryState } from "../ui/query-state";
import { useAccount } from "./account";
import { ClinicianSelect } from "./clinician-select";
import { type HoursFault, type HoursRow, hoursOf, rowsOf, weekdayName } from "./hours";

/** Weekly hours, clinician by clinician, edited by form. */
export function HoursPage() {
  const { t } = useLingui();
  const account = useAccount();
  const clinicians = api.useQuery("get", "/api/clinic/clinicians");
  const [chosen, setChosen] = useState(account.clinician_id ?? "");
  const id = chosen || clinicians.data?.items[0]?.id;
  return (
    <>
      <PageTitle title={t`診療時間`} />
      <p>{t`オンライン診療を受け付ける、毎週の時間です。休みの日は「休診日」で決めます。`}</p>
      <p className="small">{t`終わりの 0:00 は、夜の 24 時です。`}</p>
      <QueryState query={clinicians} />
      {clinicians.data && id ? (
        <>
          <ClinicianSelect clinicians={clinicians.data.items} value={id} onChange={setChosen} />
          <HoursOf key={id} clinician={id} />
        </>
      ) : null}
    </>
  );
}

function HoursOf({ clinician }: { clinician: string }) {
  const query = api.useQuery("get", "/api/clinic/hours", { params: { query: { clinician } } }, { refetchOnWindowFocus: false, staleTime: Infinity });
  if (query.isPending) return <Busy />;
  if (query.error) return <Failure error={query.error} retry={() => { void query.refetch(); }} />;
  return <HoursForm key={`${clinician}-${query.data.version}-${query.dataUpdatedAt}`} clinician={clinician} stored={query.data} onReload={() => { void query.refetch(); }} />;
}

function HoursForm({ clinician, stored, onReload }: { clinician: string; stored: Schemas["Hours"]; onReload: () => void }) {
  const { t } = useLingui();
  const [version, setVersion] = useState(stored.version);
  const [rows, setRows] = useState<HoursRow[]>(() => rowsOf(stored.hours));
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [failure, setFailure] = useState<unknown>(null);
  const [saved, setSaved] = useState(false);
  const words: Record<HoursFault, string> = {
    not_a_time: t`時刻は 9:00 のように入れてください`,
    wrong_order: t`終わりは、始まりより後にしてください`,
    overlap: t`同じ曜日の、ほかの時間と重なっています`,
  };
  const change = (key: number, part: Partial<HoursRow>) => {
    setSaved(false);
    setRows(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  };
  const add = (weekday: number) => {
    setSaved(false);
    setRows([...rows, { key: Math.max(0, ...rows.map((row) => row.key)) + 1, weekday, opens: "09:00", closes: "12:00", rest: {} }]);
  };
  const save = async () => {
    setFailure(null);
    setSaved(false);
    const read = hoursOf(rows);
    setErrors("faults" in read ? read.faults.map(({ key, fault }) => ({ field: `row-${key}`, text: words[fault] })) : []);
    if ("faults" in read) return;
    try {
      const { data, error } = await client.PUT("/api/clinic/hours", { params: { query: { clinician } }, body: { version, hours: read.hours } });
      if (!data) {
        setFailure(error);
        return;
      }
      setVersion(data.version);
      setRows(rowsOf(data.hours));
      setSaved(true);
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <ErrorSummary errors={errors} />
      {failure ? <Failure error={failure} /> : null}
      {failure && problemOf(failure).code === "stale" ? (
        <p>
          <button type="button" className="button button-outline" onClick={onReload}>{t`今の時間を読み込む（入れた内容は消えます）`}</button>
        </p>
      ) : null}
      {saved ? <Banner kind="success" live title={t`保存しました`} /> : null}
      {[1, 2, 3, 4, 5, 6, 7].map((weekday) => (
        <fieldset className="weekday" key={weekday}>
          <legend>{weekdayName(weekday, language())}</legend>
          {rows.filter((row) => row.weekday === weekday).map((row) => (
            <HoursLine key={row.key} row={row} error={errorOf(errors, `row-${row.key}`)} onChange={(part) => { change(row.key, part); }} onRemove={() => {
              setSaved(false);
              setRows(rows.filter((other) => other.key !== row.key));
            }} />
          ))}
          {rows.some((row) => row.weekday === weekday) ? null : <p className="small">{t`休み`}</p>}
          <button type="button" className="button button-outline button-small" aria-label={t`${weekdayName(weekday, language())} に時間を足す`} onClick={() => { add(weekday); }}>
            {t`時間を足す`}
          </button>
        </fieldset>
      ))}
      <p className="buttons">
        <button type="submit" className="button button-solid">{t`保存する`}</button>
      </p>
    </form>
  );
}

function HoursLine({ row, error, onChange, onRemove }: { row: HoursRow; error: string | undefined; onChange: (part: Partial<HoursRow>) => void; onRemove: () => void }) {
  const { t } = useLingui();
  const day = weekdayName(row.weekday, language());
  const invalid = error ? { "aria-invalid": true, "aria-describedby": `row-${row.key}-error` } : {};
  return (
    <div className="hours-line">
      {error ? <p className="field-error" id={`row-${row.key}-error`}>{error}</p> : null}
      <input type="time" id={`row-${row.key}`} className="input input-small" aria-label={t`${day} 始まり`} value={row.opens} {...invalid} onChange={(event) => { onChange({ opens: event.target.value }); }} />
      <span>{t`から`}</span>
      <input type="time" className="input input-small" aria-label={t`${day} 終わり`} value={row.closes} {...invalid} onChange={(event) => { onChange({ closes: event.target.value }); }} />
      {Object.values(row.rest).some((value) => value != null) ? <span className="small">{t`（条件つき）`}</span> : null}
      <button type="button" className="link" aria-label={t`${day} ${row.opens} からの時間を消す`} onClick={onRemove}>{t`消す`}</button>
    </div>
  );
}
