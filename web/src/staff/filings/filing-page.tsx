import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { useParams } from "react-router";
import { api, client } from "../../api/client";
import { problemOf } from "../../api/problem";
import { Banner } from "../../ui/banner";
import { errorOf, ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { TextField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../use-call";
import { READ_ONCE_SHOWN } from "../read-once";
import { CheckForm } from "./check-form";
import { type Form, FormFields } from "./form-fields";
import { Filled } from "./filled";
import { History, Office } from "./history";
import { type Check, controlOf, said, type Whole } from "./words";

/** One notification, for whose it is. */
export function FilingPage() {
  const { t } = useLingui();
  const { id = "" } = useParams();
  const query = api.useQuery("get", "/api/filings/{id}", { params: { path: { id } } }, READ_ONCE_SHOWN);
  return query.data ? <One first={query.data} /> : (
    <>
      <PageTitle title={t`届出`} />
      <QueryState query={query} />
    </>
  );
}

function One({ first }: { first: Whole }) {
  const { t } = useLingui();
  const [whole, setWhole] = useState(first);
  const open = whole.filing.state === "draft" || whole.filing.state === "returned_for_correction";
  return (
    <>
      <PageTitle title={said(whole.definition)} />
      <Office whole={whole} />
      <p><a className="button button-outline" href={`/filings/${whole.filing.id}/form1`} target="_blank" rel="noopener">{t`印刷用の用紙（別の画面）`}</a></p>
      {open ? <Writing whole={whole} onChanged={setWhole} /> : <Filled whole={whole} />}
      {whole.may.includes("withdraw") ? <Withdraw key={whole.filing.state} whole={whole} onChanged={setWhole} /> : null}
      <History whole={whole} />
    </>
  );
}

interface Part { whole: Whole; onChanged: (whole: Whole) => void }

/** The remarks that came with the last return. */
const remarksOf = (whole: Whole): Form => {
  const last = whole.events.at(-1);
  return last?.step === "return" ? last.remarks : {};
};

function Writing({ whole, onChanged }: Part) {
  const { t } = useLingui();
  const [form, setForm] = useState<Form>(whole.form);
  const [errors, setErrors] = useErrors();
  const [saved, setSaved] = useState(false);
  const { busy, failure, call } = useCall();
  const path = { params: { path: { id: whole.filing.id } } };
  const remarks = remarksOf(whole);
  const told = (error: unknown, before = "") => {
    setErrors(problemOf(error).fields.map(({ pointer, detail }) => ({ field: controlOf(`${before}${pointer}`), text: detail, bare: true })));
  };
  const save = async (): Promise<Whole | undefined> => {
    const put = await call(async () => {
      const answer = await client.PUT("/api/filings/{id}", { ...path, body: { version: whole.filing.version, form } });
      told(answer.error);
      return answer;
    });
    if (!put) return undefined;
    onChanged(put);
    return put;
  };
  const check = async (one: Check): Promise<boolean> => {
    const put = await call(async () => {
      const answer = await client.PUT("/api/filings/{id}/check", { ...path, body: one });
      told(answer.error, `/checks/${one.item}`);
      return answer;
    });
    if (put) onChanged(put);
    return Boolean(put);
  };
  const submit = async () => {
    const put = await save();
    if (!put) return;
    const done = await call(async () => {
      const answer = await client.POST("/api/filings/{id}/submit", { ...path, body: { version: put.filing.version } });
      told(answer.error);
      return answer;
    });
    if (done) onChanged(done);
  };
  const last = whole.events.at(-1);
  return (
    <>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      {last?.step === "return" ? <Banner kind="warning" title={t`補正してください`}><p>{last.reason}</p></Banner> : null}
      {whole.site ? <p id="site-links">{t`施設の名前、連絡先、利用料、連携する医療機関は「受診施設」で登録したものが提出されます。`}</p> : null}
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void save().then((put) => { setSaved(put !== undefined); });
      }}>
        <h2>{t`記載事項`}</h2>
        <FormFields fields={whole.definition.field} form={form} errors={errors} remarks={remarks} onChange={(id, text) => {
          setForm({ ...form, [id]: text });
          setSaved(false);
        }} />
        <button type="submit" className="button button-outline" disabled={busy}>{t`下書きを保存する`}</button>
        {saved ? <p role="status">{t`保存しました。`}</p> : null}
      </form>
      <h2>{t`基準と、それを示すもの`}</h2>
      <p>{t`すべてを満たすことが示されると、提出できます。`}</p>
      {whole.definition.demand.map((demand) => (
        <CheckForm key={demand.item} demand={demand} check={whole.checks.find((one) => one.item === demand.item)} errors={errors} remark={remarks[demand.item]} busy={busy} onSave={check} />
      ))}
      <p className="buttons">
        <button type="button" className="button button-solid" disabled={busy} onClick={() => { void submit(); }}>{t`提出する`}</button>
      </p>
    </>
  );
}

function Withdraw({ whole, onChanged }: Part) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const [end, setEnd] = useState("");
  const [errors, setErrors] = useErrors();
  const { busy, failure, call } = useCall();
  const held = whole.filing.state === "accepted" || whole.filing.state === "in_effect";
  const draft = whole.filing.state === "draft";
  const title = held ? t`届出を辞退する` : draft ? t`下書きをやめる` : t`届出を取り下げる`;
  const withdraw = async () => {
    const done = await call(async () => {
      const answer = await client.POST("/api/filings/{id}/withdraw", { params: { path: { id: whole.filing.id } }, body: { version: whole.filing.version, reason, ended_on: end || null } });
      setErrors(problemOf(answer.error).fields.map(({ pointer, detail }) => ({ field: `withdraw${controlOf(pointer)}`, text: detail, bare: true })));
      return answer;
    });
    if (done) onChanged(done);
  };
  return (
    <details>
      <summary>{title}</summary>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void withdraw();
      }}>
        <ErrorSummary errors={errors} />
        {failure && errors.length === 0 ? <Failure error={failure} /> : null}
        {held ? <p>{t`この日から先は、オンライン診療の予約を受けられなくなります。`}</p> : null}
        <TextField id="withdrawreason" rows={2} optional={draft} label={t`理由`} error={errorOf(errors, "withdrawreason")} value={reason} onChange={setReason} />
        {held ? <TextField id="withdrawended_on" type="date" width="medium" optional label={t`効力がなくなる日（空のときは今日）`} error={errorOf(errors, "withdrawended_on")} value={end} onChange={setEnd} /> : null}
        <button type="submit" className="button button-outline" disabled={busy}>{title}</button>
      </form>
    </details>
  );
}
