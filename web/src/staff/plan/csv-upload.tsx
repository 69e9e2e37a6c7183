import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { count, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { Failure } from "../../ui/errors";
import { Busy } from "../../ui/page";
import { TableFrame } from "../table-frame";
import { useCall } from "../use-call";

type Kept = Schemas["FiguresKept"];
interface Answer { data?: Kept; error?: unknown; response: Response }
interface CellFault { row: string; column: string; text: string }

/** What a file's faults are, cell by cell: `/rows/3/value` is row 3 as a spreadsheet counts. */
const cellFaults = (error: unknown): CellFault[] =>
  problemOf(error).fields.map(({ pointer, detail }) => {
    const [, , row = "", column = ""] = pointer.split("/");
    return { row, column, text: detail };
  });

/** A CSV whose rows are looked at first; every fault is listed with its row, and then nothing is kept. */
export function CsvUpload({ id, label, columns, send, onKept }: {
  id: string;
  label: string;
  /** The headings that the file must have. */
  columns: string;
  send: (file: File, dryRun: boolean) => Promise<Answer>;
  onKept: () => void;
}) {
  const { t } = useLingui();
  const [file, setFile] = useState<File>();
  const [seen, setSeen] = useState<{ kept: Kept; done: boolean }>();
  const [faults, setFaults] = useState<CellFault[]>([]);
  const { busy, failure, call } = useCall();
  const bring = async (chosen: File, dryRun: boolean) => {
    setSeen(undefined);
    setFaults([]);
    const kept = await call(async () => {
      const answer = await send(chosen, dryRun);
      setFaults(cellFaults(answer.error));
      return answer;
    });
    if (!kept) return;
    setSeen({ kept, done: !dryRun });
    if (dryRun) return;
    setFile(undefined);
    onKept();
  };
  return (
    <>
      <div className="field">
        <label htmlFor={id}>{label}</label>
        <p className="hint" id={`${id}-hint`}>{t`1行目の見出し：${columns}。文字コードは UTF-8 か Shift_JIS。`}</p>
        <input className="file" type="file" id={id} accept=".csv,text/csv" aria-describedby={`${id}-hint`} disabled={busy} onChange={(event) => {
          const chosen = event.target.files?.[0];
          setFile(chosen);
          // Else a file that was mended and is chosen again is no change to the browser.
          event.target.value = "";
          if (chosen) void bring(chosen, true);
        }} />
      </div>
      {busy ? <Busy /> : null}
      {failure && faults.length === 0 ? <Failure error={failure} /> : null}
      {faults.length > 0 ? <Faults faults={faults} /> : null}
      {seen ? (
        <Banner kind={seen.done ? "success" : "info"} live title={seen.done ? t`取り込みました` : t`まだ取り込んでいません`}>
          {file ? <p>{file.name}</p> : null}
          <p>{t`新しい値 ${count(seen.kept.new)}、訂正 ${count(seen.kept.changed)}、同じ値 ${count(seen.kept.unchanged)}`}</p>
        </Banner>
      ) : null}
      {file && seen && !seen.done ? (
        <p><button type="button" className="button button-solid" disabled={busy} onClick={() => { void bring(file, false); }}>{t`この内容で取り込む`}</button></p>
      ) : null}
    </>
  );
}

/** The columns as the head of a Japanese file has them; an English one has the names that the server says. */
const JAPANESE: Record<string, string> = {
  key: "指標", period: "時点", projection: "推計", value: "値", numerator: "分子", denominator: "分母", source: "出典",
  prefecture: "都道府県", criterion: "施設基準", year_end: "年度末", facilities: "施設数",
};

function Faults({ faults }: { faults: CellFault[] }) {
  const { t } = useLingui();
  return (
    <Banner kind="error" live title={t`この行を直してください。何も取り込んでいません。`}>
      <TableFrame label={t`直すところ`}>
        <table className="table">
          <thead><tr><th scope="col">{t`行`}</th><th scope="col">{t`列`}</th><th scope="col">{t`直すところ`}</th></tr></thead>
          <tbody>
            {faults.map((fault) => (
              <tr key={`${fault.row} ${fault.column} ${fault.text}`}>
                <th scope="row">{fault.row || "―"}</th>
                <td>{(language() === "ja" ? JAPANESE[fault.column] : undefined) ?? (fault.column || "―")}</td>
                <td>{fault.text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </Banner>
  );
}
