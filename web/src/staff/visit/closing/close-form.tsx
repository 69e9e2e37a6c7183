import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas, type Visit } from "../../../api/client";
import { problemOf } from "../../../api/problem";
import { Banner } from "../../../ui/banner";
import { errorOf, ErrorSummary, Failure, useErrors } from "../../../ui/errors";
import { RadioGroup, TextField } from "../../../ui/fields";
import { QueryState } from "../../../ui/query-state";
import { useCall } from "../../use-call";
import { type Method, useMethods } from "../clearance-words";
import { type Entry, entryOf, factsOf, fieldOf, type Outcome, tookPlace } from "./facts";
import { FactsFields } from "./facts-fields";

/** Each reading is written down, and what was typed must stay. */
const ONCE = { refetchOnWindowFocus: false, refetchOnReconnect: false, staleTime: Infinity, gcTime: 0 };

/** How the visit ended. What is known is filled in; the plain case is an outcome, a policy and a button. */
export function CloseForm({ visit }: { visit: Visit }) {
  const form = api.useQuery("get", "/api/clinic/visits/{id}/closing", { params: { path: { id: visit.booking.id } } }, ONCE);
  if (!form.data) return <QueryState query={form} />;
  return form.data.closed.outcome ? <Saved /> : <Form visit={visit} form={form.data} />;
}

function Saved() {
  const { t } = useLingui();
  return (
    <Banner kind="success" live title={t`診察を閉じました`}>
      <p><a className="button button-outline" href="/staff">{t`診察の一覧へ`}</a></p>
    </Banner>
  );
}

function Form({ visit, form }: { visit: Visit; form: Schemas["ClosingForm"] }) {
  const { t } = useLingui();
  const [outcome, setOutcome] = useState<Outcome | "">("");
  const [entry, setEntry] = useState<Entry>(() => entryOf(form.suggested));
  const [method, setMethod] = useState<Method | "">("");
  const [identified, setIdentified] = useState(false);
  const [note, setNote] = useState("");
  const [errors, setErrors] = useErrors();
  const [saved, setSaved] = useState(false);
  const methods = useMethods("identity_patient");
  const { busy, failure, call } = useCall();
  const save = async () => {
    setErrors(outcome ? [] : [{ field: "outcome", text: t`結果を選んでください` }]);
    if (!outcome) return;
    const body = { outcome, ...(note.trim() ? { note: note.trim() } : {}), ...(tookPlace(outcome) ? { facts: factsOf(entry, outcome, form.suggested.patient_prefecture) } : {}) };
    const needed = outcome === "done" && entry.guideline && !form.suggested.identity_checked && !identified;
    if (needed && !method) {
      setErrors([{ field: "identity", text: t`本人確認の方法を選んでください` }]);
      return;
    }
    if (needed && method) {
      const path = { id: visit.booking.id, item: "identity_patient" as const };
      if (!(await call(() => client.PUT("/api/clinic/visits/{id}/clearance/{item}", { params: { path }, body: { version: form.suggested.identity_version, passed: true, method } })))) return;
      setIdentified(true);
    }
    const done = await call(async () => {
      const answer = await client.POST("/api/clinic/visits/{id}/close", { params: { path: { id: visit.booking.id } }, body });
      setErrors(problemOf(answer.error).fields.map(({ pointer, detail }) => ({ field: fieldOf(pointer), text: detail })));
      return answer;
    });
    if (done) setSaved(true);
  };
  if (saved) return <Saved />;
  const unseen = problemOf(failure).code === "video_not_seen";
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <h2>{t`診察を閉じる`}</h2>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      {unseen ? <p>{t`両方の映像が映っていない診察は、オンライン診療として終えられません。ほかの結果を選んでください。`}</p> : null}
      <RadioGroup id="outcome" legend={t`結果`} error={errorOf(errors, "outcome")} value={outcome} onChange={setOutcome} options={[
        { value: "done", label: t`診察した` },
        { value: "converted_to_in_person", label: t`来院での診察へ変えた` },
        { value: "patient_absent", label: t`患者が来なかった` },
        { value: "doctor_absent", label: t`医師が出られなかった` },
        { value: "could_not_connect", label: t`つながらなかった` },
      ]} />
      {outcome === "done" && entry.guideline && !form.suggested.identity_checked ? (
        <RadioGroup id="identity" legend={t`本人確認（初診では必要）`} hint={t`番号や画像は残しません`} error={errorOf(errors, "identity")} value={method} onChange={setMethod} options={methods} />
      ) : null}
      {outcome && tookPlace(outcome) ? <FactsFields booking={visit.booking} outcome={outcome} entry={entry} errors={errors} onChange={(change) => { setEntry({ ...entry, ...change }); }} /> : null}
      <TextField id="note" optional rows={3} label={t`メモ`} value={note} onChange={setNote} />
      <p className="buttons">
        <button type="submit" className="button button-solid" disabled={busy}>{t`保存して閉じる`}</button>
        <a className="button button-outline" href="/staff">{t`あとで閉じる`}</a>
      </p>
    </form>
  );
}
