import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, client, type Schemas, type Visit } from "../../../api/client";
import { problemOf } from "../../../api/problem";
import { Banner } from "../../../ui/banner";
import { errorOf, ErrorSummary, Failure, type FieldError, useErrors } from "../../../ui/errors";
import { RadioGroup, TextField } from "../../../ui/fields";
import { QueryState } from "../../../ui/query-state";
import { FirstVisitFields, type FirstVisitEntry } from "../../desk/first-visit-fields";
import { basisField, basisWish, useBasisFaults } from "../../intake/basis-wish";
import { useCall } from "../../use-call";
import { Waive } from "../clearance-panel";
import { type Item, type Method, useItemWords, useMethods } from "../clearance-words";
import { READ_ONCE_SHOWN } from "../../read-once";
import { BASIS, type Entry, entryOf, factsOf, fieldOf, type Outcome, tookPlace } from "./facts";
import { FactsFields } from "./facts-fields";

/** How the visit ended. What is known is filled in; the plain case is an outcome, a policy and a button. */
export function CloseForm({ visit }: { visit: Visit }) {
  const form = api.useQuery("get", "/api/clinic/visits/{id}/closing", { params: { path: { id: visit.booking.id } } }, READ_ONCE_SHOWN);
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
  const basis = useBasis(visit, form.suggested);
  const [resting, setResting] = useState<FirstVisitEntry>({ basis: "", last: "", sources: [] });
  const [note, setNote] = useState("");
  const [errors, setErrors] = useErrors();
  const [saved, setSaved] = useState(false);
  const methods = useMethods("identity_patient");
  const faults = useBasisFaults();
  const { busy, failure, call } = useCall();
  // At a first visit who the patient is, and on what it rests (guideline V1(2) and (4)).
  const first = outcome === "done" && entry.guideline;
  const asks = { identity: first && !form.suggested.identity_checked && !identified, basis: first && !basis.known };
  const save = async () => {
    setErrors(outcome ? [] : [{ field: "outcome", text: t`結果を選んでください` }]);
    if (!outcome) return;
    const body = { outcome, ...(note.trim() ? { note: note.trim() } : {}), ...(tookPlace(outcome) ? { facts: factsOf(entry, outcome, form.suggested.patient_prefecture) } : {}) };
    const needed = [
      ...(asks.identity && !method ? [{ field: "identity", text: t`本人確認の方法を選んでください` }] : []),
      ...(asks.basis ? faults(resting, BASIS) : []),
    ];
    setErrors(needed);
    if (needed.length > 0) return;
    const wish = asks.basis ? basisWish(resting, basis.version) : undefined;
    if (wish && !(await call(async () => {
      const answer = await client.PUT("/api/clinic/visits/{id}/basis", { params: { path: { id: visit.booking.id } }, body: wish });
      setErrors(problemOf(answer.error).fields.map(({ pointer, detail }) => ({ field: basisField(pointer, BASIS), text: detail })));
      if (answer.data) basis.keep(answer.data);
      return answer;
    }))) return;
    if (asks.identity && method) {
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
      <Unclear visit={visit} errors={errors} onCleared={(field) => { setErrors(errors.filter((one) => one.field !== field)); }} />
      {first && !form.suggested.identity_checked ? (
        <RadioGroup id="identity" legend={t`本人確認（初診では必要）`} hint={t`番号や画像は残しません`} error={errorOf(errors, "identity")} value={method} onChange={setMethod} options={methods} />
      ) : null}
      {asks.basis ? <FirstVisitFields stage="first" prefix={BASIS} errors={errors} entry={resting} onChange={setResting} /> : null}
      {outcome && tookPlace(outcome) ? <FactsFields booking={visit.booking} reads={form.suggested.language} outcome={outcome} entry={entry} errors={errors} onChange={(change) => { setEntry({ ...entry, ...change }); }} /> : null}
      <TextField id="note" optional rows={3} label={t`メモ`} value={note} onChange={setNote} />
      <p className="buttons">
        <button type="submit" className="button button-solid" disabled={busy}>{t`保存して閉じる`}</button>
        <a className="button button-outline" href="/staff">{t`あとで閉じる`}</a>
      </p>
    </form>
  );
}

/** Whether it is known on what the visit rests, here or as it was said meanwhile beside the form. */
function useBasis(visit: Visit, suggested: Schemas["ClosingSuggested"]) {
  const queries = useQueryClient();
  const path = { params: { path: { id: visit.booking.id } } };
  const [kept, setKept] = useState<Schemas["Intake"]>();
  // Only what was read already: each reading is written down.
  const beside = api.useQuery("get", "/api/clinic/visits/{id}/intake", path, { ...READ_ONCE_SHOWN, enabled: false }).data;
  const newest = [kept, beside].flatMap((intake) => intake?.first_visit ?? []).sort((a, b) => b.version - a.version)[0];
  return {
    known: newest ? newest.basis != null : suggested.basis_known,
    version: newest?.version ?? suggested.basis_version,
    keep: (intake: Schemas["Intake"]) => {
      setKept(intake);
      const { queryKey } = api.queryOptions("get", "/api/clinic/visits/{id}/intake", path);
      if (queries.getQueryData(queryKey)) queries.setQueryData(queryKey, intake);
    },
  };
}

/** What is not clear and has no control in this form can be let go with a reason. */
function Unclear({ visit, errors, onCleared }: { visit: Visit; errors: FieldError[]; onCleared: (field: string) => void }) {
  const words = useItemWords();
  const isItem = (name: string): name is Item["item"] => name in words;
  return errors.map(({ field, text }) => {
    const item = field.replace("clearance-", "");
    if (item === field || !isItem(item)) return null;
    return (
      <div key={field} id={field} tabIndex={-1}>
        <p className="bad">{text}</p>
        <Waive booking={visit.booking} item={{ item, version: 0 }} name={words[item]} onChanged={() => { onCleared(field); }} />
      </div>
    );
  });
}
