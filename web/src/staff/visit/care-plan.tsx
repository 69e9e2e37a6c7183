import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, client, type Schemas, type Visit } from "../../api/client";
import { problemOf } from "../../api/problem";
import { dayAndTime, language, longDate } from "../../i18n";
import { Banner } from "../../ui/banner";
import { errorOf, ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { SelectField, TextField } from "../../ui/fields";
import { type Section, usePlanSections } from "../../ui/plan-words";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../use-call";
import { READ_ONCE_SHOWN } from "../read-once";
import { CarePlanVersions } from "./care-plan-versions";

type Plan = Schemas["CarePlan"];
type Sections = Schemas["CarePlanSections"];

/** The plan of online care: its nine sections, in versions that stay, and that the patient agreed. */
export function CarePlanPart({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/visits/{id}/care-plan", { params: { path: { id: visit.booking.id } } }, READ_ONCE_SHOWN);
  const [written, setWritten] = useState<Plan>();
  const [later, setLater] = useState<Plan[]>([]);
  if (!query.data) return <QueryState query={query} />;
  const plan = written ?? query.data.plan ?? undefined;
  const versions = [...later, ...query.data.versions];
  return (
    <>
      {plan ? <Stands visit={visit} plan={plan} onAgreed={setWritten} /> : <p>{t`診療計画は、まだありません。`}</p>}
      {plan ? <CarePlanVersions visit={visit} versions={versions} /> : null}
      <PlanForm key={plan?.version ?? 0} visit={visit} plan={plan} onWritten={(next) => {
        setWritten(next);
        setLater([next, ...later]);
      }} />
    </>
  );
}

function Stands({ visit, plan, onAgreed }: { visit: Visit; plan: Plan; onAgreed: (plan: Plan) => void }) {
  const { t } = useLingui();
  const { busy, failure, call } = useCall();
  const queries = useQueryClient();
  const at = (instant: string) => dayAndTime(instant, visit.booking.zone, language());
  const agree = async (method: "spoken" | "paper") => {
    const done = await call(() => client.POST("/api/clinic/visits/{id}/care-plan/agree", { params: { path: { id: visit.booking.id } }, body: { version: plan.version, method } }));
    if (!done) return;
    onAgreed(done);
    // What must be clear before the visit says so as well.
    await queries.invalidateQueries({ queryKey: ["get", "/api/clinic/visits/{id}/clearance"] });
  };
  return (
    <>
      <p>{t`第${plan.version}版（${longDate(plan.created_at, visit.booking.zone, language())}）`}</p>
      {failure ? <Failure error={failure} /> : null}
      {plan.agreed_at ? <Banner kind="success" live title={t`${at(plan.agreed_at)} に合意しました`} /> : (
        <p className="buttons">
          <button type="button" className="button button-outline" disabled={busy} onClick={() => { void agree("spoken"); }}>{t`口頭で合意した`}</button>
          <button type="button" className="button button-outline" disabled={busy} onClick={() => { void agree("paper"); }}>{t`書面で合意した`}</button>
        </p>
      )}
    </>
  );
}

/** What a first plan starts from: sentences that hold for most, to be made right by the doctor. */
function useStart(visit: Visit): Sections {
  const { t } = useLingui();
  const { clinician, facility } = visit.booking;
  return {
    content: "",
    in_person_combination: "",
    booking: t`この予約システムで予約します。`,
    method: t`スマートフォンかパソコンで、このシステムのビデオ通話を使います。`,
    conditions_to_stop: t`映像や音が足りないとき、触って診る必要があるとき、症状が急に変わったときは、オンライン診療をやめて対面の診察に切り替えます。`,
    patient_cooperation: t`触って診ることができないため、体の様子を詳しく伝えてください。`,
    emergency_response: t`${facility.name}（${facility.telephone}）に電話してください。急ぐときは 119番へ。`,
    doctors: clinician.name,
    security_responsibility: t`システムの安全は医療機関と事業者が、お使いの機器の安全は患者さんが守ります。`,
  };
}

function PlanForm({ visit, plan, onWritten }: { visit: Visit; plan: Plan | undefined; onWritten: (plan: Plan) => void }) {
  const { t } = useLingui();
  const titles = usePlanSections();
  const start = useStart(visit);
  const [sections, setSections] = useState<Sections>(plan?.sections ?? start);
  const [recording, setRecording] = useState<Plan["recording"]>(plan?.recording ?? "none");
  const [errors, setErrors] = useErrors();
  const { busy, failure, call } = useCall();
  const save = async () => {
    const body = { version: plan?.version ?? 0, sections, recording };
    const done = await call(async () => {
      const answer = await client.PUT("/api/clinic/visits/{id}/care-plan", { params: { path: { id: visit.booking.id } }, body });
      setErrors(problemOf(answer.error).fields.map(({ pointer, detail }) => ({ field: `plan${pointer.replace("/sections/", "-")}`, text: detail, bare: true })));
      return answer;
    });
    if (done) onWritten(done);
  };
  const put = (section: Section) => (text: string) => { setSections({ ...sections, [section]: text }); };
  return (
    <details open={!plan}>
      <summary>{plan ? t`次の版を書く` : t`診療計画を書く`}</summary>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}>
        <ErrorSummary errors={errors} />
        {failure && errors.length === 0 ? <Failure error={failure} /> : null}
        {titles.map(({ section, title }) => (
          <TextField key={section} id={`plan-${section}`} rows={2} label={title} error={errorOf(errors, `plan-${section}`)} value={sections[section]} onChange={put(section)} />
        ))}
        <SelectField id="plan-recording" label={t`録音・録画`} value={recording} onChange={setRecording} options={[
          { value: "none", label: t`どちらもしない` },
          { value: "doctor_side", label: t`医師の側で` },
          { value: "patient_side", label: t`患者の側で` },
          { value: "both", label: t`両方で` },
        ]} />
        <p><button type="submit" className="button button-solid" disabled={busy}>{plan ? t`新しい版として保存する` : t`診療計画を保存する`}</button></p>
      </form>
    </details>
  );
}
