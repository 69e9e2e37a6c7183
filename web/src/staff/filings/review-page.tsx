import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { useParams } from "react-router";
import { api, client } from "../../api/client";
import { problemOf } from "../../api/problem";
import { errorOf, ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { SelectField, TextField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../use-call";
import { READ_ONCE_SHOWN } from "../read-once";
import { demandName } from "./check-form";
import { Filled } from "./filled";
import type { Form } from "./form-fields";
import { History, Office, placeName } from "./history";
import { controlOf, said, type Whole } from "./words";

/** One notification, for who reviews it. */
export function ReviewPage() {
  const { t } = useLingui();
  const { id = "" } = useParams();
  const query = api.useQuery("get", "/api/admin/filings/{id}", { params: { path: { id } } }, READ_ONCE_SHOWN);
  return query.data ? <One first={query.data} /> : (
    <>
      <PageTitle title={t`届出の審査`} />
      <QueryState query={query} />
    </>
  );
}

function One({ first }: { first: Whole }) {
  const { t } = useLingui();
  const [whole, setWhole] = useState(first);
  return (
    <>
      <PageTitle title={said(whole.definition)} />
      <Office whole={whole} />
      <p><a className="button button-outline" href={`/filings/${whole.filing.id}/form1`} target="_blank" rel="noopener">{t`印刷用の用紙（別の画面）`}</a></p>
      <Filled whole={whole} />
      {whole.may.includes("accept") ? <Accept whole={whole} onChanged={setWhole} /> : null}
      {whole.may.includes("return") ? <GiveBack whole={whole} onChanged={setWhole} /> : null}
      {whole.may.includes("revoke") ? <Revoke whole={whole} onChanged={setWhole} /> : null}
      <History whole={whole} />
    </>
  );
}

interface Part { whole: Whole; onChanged: (whole: Whole) => void }

/** Calls with a form whose controls' ids begin with `before`, and says what is wrong with it. */
function useDeed(before: string, onChanged: (whole: Whole) => void) {
  const [errors, setErrors] = useErrors();
  const { busy, failure, call } = useCall();
  const deed = async (make: () => Promise<{ data?: Whole; error?: unknown; response: Response }>) => {
    const done = await call(async () => {
      const answer = await make();
      setErrors(problemOf(answer.error).fields.map(({ pointer, detail }) => ({ field: `${before}-${controlOf(pointer)}`, text: detail, bare: true })));
      return answer;
    });
    if (done) onChanged(done);
  };
  const told = (
    <>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
    </>
  );
  return { busy, deed, told, error: (field: string) => errorOf(errors, `${before}-${field}`) };
}

function Accept({ whole, onChanged }: Part) {
  const { t } = useLingui();
  const [number, setNumber] = useState("");
  const [accepted, setAccepted] = useState("");
  const [from, setFrom] = useState("");
  const { busy, deed, told, error } = useDeed("accept", onChanged);
  const path = { path: { id: whole.filing.id } };
  return (
    <section className="panel" aria-labelledby="accept-title">
      <h2 id="accept-title">{t`受理する`}</h2>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void deed(() => client.POST("/api/admin/filings/{id}/accept", { params: path, body: { version: whole.filing.version, acceptance_number: number, accepted_on: accepted, effective_from: from } }));
      }}>
        {told}
        <TextField id="accept-acceptance_number" label={t`受理番号`} error={error("acceptance_number")} value={number} onChange={setNumber} />
        <TextField id="accept-accepted_on" type="date" width="medium" label={t`受理した日`} error={error("accepted_on")} value={accepted} onChange={setAccepted} />
        <TextField id="accept-effective_from" type="date" width="medium" label={t`有効になる日（施設基準は算定開始日）`} error={error("effective_from")} value={from} onChange={setFrom} />
        <button type="submit" className="button button-solid" disabled={busy}>{t`受理する`}</button>
      </form>
    </section>
  );
}

function GiveBack({ whole, onChanged }: Part) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const [by, setBy] = useState("");
  const [remarks, setRemarks] = useState<Form>({});
  const [place, setPlace] = useState("");
  const { busy, deed, told, error } = useDeed("return", onChanged);
  const { field, demand } = whole.definition;
  const places = [
    { value: "", label: t`選んでください` },
    ...(whole.site ? [{ value: "site", label: t`受診施設` }] : []),
    ...field.map((one) => ({ value: one.id, label: said(one) })),
    ...demand.map((one) => ({ value: one.item, label: demandName(one) })),
  ];
  return (
    <section className="panel" aria-labelledby="return-title">
      <h2 id="return-title">{t`補正のため返す`}</h2>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void deed(() => client.POST("/api/admin/filings/{id}/return", { params: { path: { id: whole.filing.id } }, body: { version: whole.filing.version, reason, remarks, correct_by: by || null } }));
      }}>
        {told}
        <TextField id="return-reason" rows={2} label={t`返す理由`} error={error("reason")} value={reason} onChange={setReason} />
        <SelectField id="return-place" label={t`指摘する項目を足す`} error={error("remarks")} value={place} options={places} onChange={(id) => {
          if (id) setRemarks({ ...remarks, [id]: remarks[id] ?? "" });
          setPlace("");
        }} />
        {Object.entries(remarks).map(([id, remark]) => {
          const name = id === "site" ? t`受診施設` : placeName(whole, id);
          return <TextField key={id} id={`remark-${id}`} rows={2} label={t`${name} への指摘`} value={remark} onChange={(text) => { setRemarks({ ...remarks, [id]: text }); }} />;
        })}
        <TextField id="return-correct_by" type="date" width="medium" optional label={t`補正の期限`} error={error("correct_by")} value={by} onChange={setBy} />
        <button type="submit" className="button button-outline" disabled={busy}>{t`補正のため返す`}</button>
      </form>
    </section>
  );
}

function Revoke({ whole, onChanged }: Part) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const [end, setEnd] = useState("");
  const { busy, deed, told, error } = useDeed("revoke", onChanged);
  return (
    <details>
      <summary>{t`受理を取り消す`}</summary>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void deed(() => client.POST("/api/admin/filings/{id}/revoke", { params: { path: { id: whole.filing.id } }, body: { version: whole.filing.version, reason, ended_on: end } }));
      }}>
        {told}
        <TextField id="revoke-reason" rows={2} label={t`取り消す理由`} error={error("reason")} value={reason} onChange={setReason} />
        <TextField id="revoke-ended_on" type="date" width="medium" label={t`効力がなくなる日`} error={error("ended_on")} value={end} onChange={setEnd} />
        <button type="submit" className="button button-outline" disabled={busy}>{t`受理を取り消す`}</button>
      </form>
    </details>
  );
}
