import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { client, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { Banner } from "../../ui/banner";
import { ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { TableFrame } from "../table-frame";
import { useCall } from "../use-call";
import { typed } from "./words";

type Month = Schemas["AugustMonth"];
type Row = { month: string; first: string; repeat: string; later: string };

const text = (value: number | null | undefined): string => (value == null ? "" : String(value));

const rowOf = ({ month, figures, in_person_source, later_source }: Month): Row => ({
  month,
  first: text(figures.in_person_first),
  repeat: text(figures.in_person_repeat),
  // What the service worked out itself is not said by the clinic.
  later: in_person_source != null && later_source === "manual" ? text(figures.first_without_later) : "",
});

/** Counts of visits in person of all patients, month by month: typed, or from the clinic's own system as a file. */
export function MonthsForm({ year, months, onDone }: { year: number; months: Month[]; onDone: (next: Schemas["August"]) => void }) {
  const { t } = useLingui();
  const [rows, setRows] = useState<Row[]>(() => months.map(rowOf));
  // What nobody changed keeps its source: only the rest is typed.
  const [kept, setKept] = useState(rows);
  const [errors, setErrors] = useErrors();
  const [saved, setSaved] = useState(false);
  const { busy, failure, call } = useCall();
  const put = (month: string, part: Partial<Row>) => {
    setSaved(false);
    setRows(rows.map((one) => (one.month === month ? { ...one, ...part } : one)));
  };
  const taken = (next: Schemas["August"]) => {
    const now = next.report.months.map(rowOf);
    setRows(now);
    setKept(now);
    setSaved(true);
    onDone(next);
  };
  const save = async () => {
    setSaved(false);
    const changed = rows.filter((row, place) => {
      const was = kept[place];
      return was === undefined || row.first !== was.first || row.repeat !== was.repeat || row.later !== was.later;
    });
    const wrong = changed.flatMap(({ month, first, repeat, later }) => [
      ...(typed(first) === undefined ? [`first-${month}`] : []),
      ...(typed(repeat) === undefined ? [`repeat-${month}`] : []),
      ...(later !== "" && typed(later) === undefined ? [`later-${month}`] : []),
    ]);
    const said = kept.some(({ first }) => first !== "");
    const nothing = changed.length === 0 && !said && rows[0] ? [`first-${rows[0].month}`] : [];
    setErrors([...wrong, ...nothing].map((field) => ({ field, text: t`件数を、0以上の数で入れてください` })));
    if (wrong.length > 0 || nothing.length > 0) return;
    if (changed.length === 0) {
      setSaved(true);
      return;
    }
    const body = {
      months: changed.map(({ month, first, repeat, later }) => ({
        month,
        in_person_first: typed(first) ?? 0,
        in_person_repeat: typed(repeat) ?? 0,
        no_later_visit: typed(later) ?? null,
      })),
    };
    const next = await call(() => client.PUT("/api/clinic/august/{year}/months", { params: { path: { year } }, body }));
    if (next) taken(next);
  };
  const upload = async (file: File) => {
    setSaved(false);
    setErrors([]);
    const body = await file.text();
    const next = await call(async () => {
      const answer = await client.PUT("/api/clinic/august/{year}/months.csv", { params: { path: { year } }, body, bodySerializer: (csv) => csv, headers: { "Content-Type": "text/csv" } });
      setErrors(problemOf(answer.error).fields.map(({ pointer, detail }) => {
        const line = /^\/line\/(\d+)$/.exec(pointer)?.[1];
        return { field: "months-file", text: line ? t`${line} 行目: ${detail}` : detail };
      }));
      return answer;
    });
    if (next) taken(next);
  };
  const cell = (row: Row, field: "first" | "repeat" | "later", label: string) => {
    const id = `${field}-${row.month}`;
    const failed = errors.some((error) => error.field === id);
    return (
      <td className="figures">
        <input id={id} className="input input-small input-count" inputMode="numeric" aria-label={t`${row.month.slice(0, 7)} ${label}`} aria-invalid={failed || undefined} value={row[field]} onChange={(event) => { put(row.month, { [field]: event.target.value }); }} />
      </td>
    );
  };
  const [first, repeat, later] = [t`対面 初診料`, t`対面 再診料等`, t`以後の対面なし（オンライン初診のうち）`];
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <h2>{t`対面診療の件数`}</h2>
      <p>{t`このサービスの外で行った診療もふくめ、すべての患者の件数を入れます。「以後の対面なし」は、空けておくと、このサービスの記録から数えます。`}</p>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      {saved ? <Banner kind="success" live title={t`対面診療の件数を保存しました`} /> : null}
      <TableFrame label={t`対面診療の件数`}>
        <table className="table">
          <caption className="visually-hidden">{t`対面診療の件数`}</caption>
          <thead>
            <tr>
              <th scope="col">{t`月`}</th>
              <th scope="col" className="figures">{first}</th>
              <th scope="col" className="figures">{repeat}</th>
              <th scope="col" className="figures">{later}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.month}>
                <th scope="row">{row.month.slice(0, 7)}</th>
                {cell(row, "first", first)}
                {cell(row, "repeat", repeat)}
                {cell(row, "later", later)}
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <p className="buttons"><button type="submit" className="button button-solid" disabled={busy}>{t`件数を保存する`}</button></p>
      <h3>{t`ファイルから`}</h3>
      <div className="field">
        <label htmlFor="months-file">{t`CSVから読み込む（month, in_person_first, in_person_repeat）`}</label>
        <input className="file" id="months-file" type="file" accept=".csv,text/csv" disabled={busy} onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) void upload(file);
          event.target.value = "";
        }} />
      </div>
    </form>
  );
}
