import { useLingui } from "@lingui/react/macro";
import { useRef, useState } from "react";
import { api, client, type Schemas } from "../api/client";
import { count, dateOf, language } from "../i18n";
import { bothCalendars } from "../i18n/wareki";
import { Banner } from "../ui/banner";
import { ErrorSummary, Failure, type FieldError } from "../ui/errors";
import { Busy, PageTitle } from "../ui/page";
import { QueryState } from "../ui/query-state";
import { SummaryList } from "../ui/summary-list";
import { CLINIC_ZONE } from "./today-page";
import { TableFrame } from "./table-frame";

type Result = Schemas["ImportDone"];

/** Upload of a bureau's list: what would change is shown first, then confirmed. */
export function ImportsPage() {
  const { t } = useLingui();
  const list = api.useQuery("get", "/api/admin/imports");
  return (
    <>
      <PageTitle title={t`名簿の取り込み`} />
      <p>{t`地方厚生局が公表する「施設基準の届出受理状況」（Excel または zip）を取り込みます。はじめに内容を調べ、確かめてから取り込みます。`}</p>
      <Upload onImported={() => { void list.refetch(); }} />
      <h2>{t`これまでの取り込み`}</h2>
      <QueryState query={list} />
      {list.data?.items.length === 0 ? <p>{t`まだありません。`}</p> : null}
      {list.data && list.data.items.length > 0 ? <Past items={list.data.items} /> : null}
    </>
  );
}

function Upload({ onImported }: { onImported: () => void }) {
  const { t } = useLingui();
  const input = useRef<HTMLInputElement>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<{ file: File; preview: boolean; answer: Result }>();
  const send = async (file: File, preview: boolean) => {
    setFailure(null);
    setBusy(true);
    try {
      const form = new FormData();
      form.append("dry_run", String(preview));
      form.append("file", file);
      const { data, error } = await client.POST("/api/admin/imports", { body: { file: file.name, dry_run: preview }, bodySerializer: () => form });
      if (!data) {
        setFailure(error);
        return;
      }
      setResult({ file, preview, answer: data });
      if (data.imported) onImported();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const look = () => {
    const file = input.current?.files?.[0];
    setResult(undefined);
    setErrors(file ? [] : [{ field: "file", text: t`ファイルを選んでください` }]);
    if (file) void send(file, true);
  };
  return (
    <section className="panel">
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        look();
      }}>
        <ErrorSummary errors={errors} />
        {failure ? <Failure error={failure} /> : null}
        <div className="field">
          <label htmlFor="file">{t`名簿のファイル（.xlsx、.zip）`}</label>
          <input ref={input} className="file" type="file" id="file" name="file" accept=".xlsx,.zip" onChange={() => { setResult(undefined); }} />
        </div>
        <button type="submit" className="button button-solid" disabled={busy}>{t`内容を調べる`}</button>
      </form>
      {busy ? <Busy /> : null}
      {result && !busy ? <Report result={result.answer} preview={result.preview} onConfirm={() => { void send(result.file, false); }} onDrop={() => { setResult(undefined); }} /> : null}
    </section>
  );
}

function Report({ result, preview, onConfirm, onDrop }: { result: Result; preview: boolean; onConfirm: () => void; onDrop: () => void }) {
  const { t } = useLingui();
  const title = result.imported ? t`取り込みました` : result.unchanged ? t`同じ名簿が、もう取り込まれています` : preview ? t`まだ取り込んでいません。内容を確かめてください` : t`取り込みませんでした`;
  return (
    <div className="report">
      <Banner kind={result.imported ? "success" : "info"} live title={title} />
      <DiffTable result={result} />
      {result.files.map((file) => <FileTable key={file.sha256 + file.file} file={file} />)}
      {preview && !result.unchanged ? (
        <p className="buttons">
          <button type="button" className="button button-solid" onClick={onConfirm}>{t`この内容で取り込む`}</button>
          <button type="button" className="button button-outline" onClick={onDrop}>{t`やめる`}</button>
        </p>
      ) : null}
    </div>
  );
}

/** What the list would change, for institutions and for their filings. */
function DiffTable({ result }: { result: Result }) {
  const { t } = useLingui();
  const row = (label: string, tally: Schemas["Tally"]) => (
    <tr>
      <th scope="row">{label}</th>
      {[tally.new, tally.changed, tally.lapsed, tally.unchanged].map((value, index) => (
        <td className="figures" key={index}>{count(value)}</td>
      ))}
    </tr>
  );
  return (
    <TableFrame label={t`変わるところ`}>
      <table className="table">
        <caption>{t`変わるところ`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`区分`}</th>
            <th scope="col" className="figures">{t`新規`}</th>
            <th scope="col" className="figures">{t`変更`}</th>
            <th scope="col" className="figures">{t`失効`}</th>
            <th scope="col" className="figures">{t`変更なし`}</th>
          </tr>
        </thead>
        <tbody>
          {row(t`医療機関`, result.institutions)}
          {row(t`届出`, result.notifications)}
        </tbody>
      </table>
    </TableFrame>
  );
}

function FileTable({ file }: { file: Schemas["FileReport"] }) {
  const { t } = useLingui();
  const care = file.online_care;
  return (
    <section>
      <h3>{file.file}</h3>
      <SummaryList rows={[
        { term: t`都道府県`, value: t`${file.prefecture}（${file.prefecture_code}）` },
        { term: t`いつ現在`, value: bothCalendars(file.as_of, language()) },
        { term: t`行`, value: count(file.rows) },
        { term: t`医療機関（医科）`, value: count(file.institutions) },
        { term: t`届出のない医療機関`, value: count(file.institutions_without_filing) },
        { term: t`情報通信機器を用いた診療`, value: t`${count(care.facilities)}（病院 ${count(care.hospitals)}、有床診療所 ${count(care.bedded_clinics)}、無床診療所 ${count(care.clinics_without_beds)}）` },
      ]} />
      {file.warnings.length > 0 ? (
        <Banner kind="warning" title={t`気をつけること`}>
          <ul>{file.warnings.map((warning) => <li key={`${warning.code}${warning.row ?? ""}${warning.detail}`}>{warning.row == null ? "" : t`${warning.row} 行目: `}{warning.detail}</li>)}</ul>
        </Banner>
      ) : null}
    </section>
  );
}

function Past({ items }: { items: Schemas["Import"][] }) {
  const { t } = useLingui();
  return (
    <TableFrame label={t`これまでの取り込み`}>
      <table className="table">
        <caption className="visually-hidden">{t`これまでの取り込み`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`取り込んだ日`}</th>
            <th scope="col">{t`都道府県`}</th>
            <th scope="col">{t`いつ現在`}</th>
            <th scope="col">{t`ファイル`}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <th scope="row">{dateOf(new Date(item.imported_at), CLINIC_ZONE)}</th>
              <td>{item.prefecture}</td>
              <td>{item.as_of}</td>
              <td>{item.file}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
