import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { count, language } from "../../i18n";
import { bothCalendars } from "../../i18n/wareki";
import { Failure } from "../../ui/errors";
import { RadioGroup, TextField } from "../../ui/fields";
import { QueryState } from "../../ui/query-state";
import { SummaryList } from "../../ui/summary-list";
import { useCall } from "../use-call";
import { wholeNumber } from "./numbers";
import { type Grant, useStatusNames } from "./status-names";

type Step = Schemas["SubsidyStepKind"];

/** What may follow where a grant stands. */
const NEXT: Record<Grant["status"], Step[]> = { applied: ["decide", "refuse", "withdraw"], decided: ["report", "withdraw"], reported: ["pay"], paid: [], refused: [], withdrawn: [] };

/** One grant, and the next step with it. */
export function GrantSteps({ id, onTaken }: { id: string; onTaken: () => void }) {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/admin/subsidies/{id}", { params: { path: { id } } });
  const names = useStatusNames();
  const grant = query.data;
  const day = (date: string | null | undefined): string => (date ? bothCalendars(date, language()) : "―");
  return (
    <section className="panel" aria-label={t`申請の内容`}>
      <QueryState query={query} />
      {grant ? (
        <>
          <h2>{grant.name}</h2>
          <SummaryList rows={[
            { term: t`状態`, value: names[grant.status] },
            { term: t`申請の日`, value: day(grant.applied_on) },
            { term: t`決定の日`, value: day(grant.decided_on) },
            { term: t`報告の日`, value: grant.reported_on ? day(grant.reported_on) : t`${day(grant.report_due)} まで` },
            { term: t`支払の日`, value: day(grant.paid_on) },
            { term: t`機器`, value: <ul>{grant.items.map((item, at) => <li key={at}>{t`${item.name} ${String(item.quantity)} 台 ${count(item.yen)} 円`}</li>)}</ul> },
            ...(grant.papers.length > 0 ? [{ term: t`報告の書類`, value: grant.papers.map((paper) => paper.name).join("、") }] : []),
            ...(grant.reason ? [{ term: t`理由`, value: grant.reason }] : []),
          ]} />
          {NEXT[grant.status].length > 0 ? (
            <StepForm key={grant.version} grant={grant} onTaken={() => {
              void query.refetch();
              onTaken();
            }} />
          ) : null}
        </>
      ) : null}
    </section>
  );
}

function StepForm({ grant, onTaken }: { grant: Grant; onTaken: () => void }) {
  const { t } = useLingui();
  const [step, setStep] = useState<Step | "">(NEXT[grant.status][0] ?? "");
  const [on, setOn] = useState("");
  const [yen, setYen] = useState("");
  const [reason, setReason] = useState("");
  const [receipt, setReceipt] = useState("");
  const [photo, setPhoto] = useState("");
  const { busy, failure, call } = useCall();
  const labels: Record<Step, string> = { decide: t`交付を決定する`, refuse: t`不交付にする`, withdraw: t`取り下げる`, report: t`実績報告を受ける`, pay: t`支払う` };
  const amounts: Partial<Record<Step, string>> = { decide: t`決定額（円）`, report: t`支出額（円）`, pay: t`支払額（円）` };
  const amount = step === "" ? undefined : amounts[step];
  const take = async () => {
    if (step === "") return;
    const papers = [{ kind: "receipt" as const, name: receipt.trim() }, { kind: "photo" as const, name: photo.trim() }].filter((paper) => paper.name);
    const body = { step, version: grant.version, on, yen: amount ? (wholeNumber(yen) ?? null) : null, reason, papers: step === "report" ? papers : [] };
    if (await call(() => client.POST("/api/admin/subsidies/{id}/steps", { params: { path: { id: grant.id } }, body })) !== undefined) onTaken();
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void take();
    }}>
      {failure ? <Failure error={failure} /> : null}
      <RadioGroup id="step" legend={t`つぎの手続き`} value={step} options={NEXT[grant.status].map((value) => ({ value, label: labels[value] }))} onChange={setStep} />
      <TextField id="step-on" type="date" label={t`手続きの日`} width="medium" value={on} onChange={setOn} />
      {amount ? <TextField id="step-yen" label={amount} inputMode="numeric" width="medium" value={yen} onChange={setYen} /> : null}
      {step === "refuse" || step === "withdraw" ? <TextField id="step-reason" label={t`理由`} rows={2} value={reason} onChange={setReason} /> : null}
      {step === "report" ? (
        <>
          <TextField id="step-receipt" label={t`領収書（名前か、つづりの番号）`} value={receipt} onChange={setReceipt} />
          <TextField id="step-photo" label={t`写真（名前か、つづりの番号）`} value={photo} onChange={setPhoto} />
        </>
      ) : null}
      <button type="submit" className="button button-solid" disabled={busy}>{t`手続きを進める`}</button>
    </form>
  );
}
