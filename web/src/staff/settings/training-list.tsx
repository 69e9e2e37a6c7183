import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { Banner } from "../../ui/banner";
import { Failure } from "../../ui/errors";
import { TextField } from "../../ui/fields";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../use-call";
import { StrandedVisits } from "./stranded-visits";

/** When each doctor completed the training for online care: without it they give no visit online. */
export function TrainingList() {
  const { t } = useLingui();
  const clinicians = api.useQuery("get", "/api/clinic/clinicians");
  return (
    <section aria-labelledby="training-title">
      <h2 id="training-title">{t`医師の研修`}</h2>
      <p>{t`オンライン診療の研修を修了した日から後の日だけ、その医師の時間を患者さんに出します。`}</p>
      <QueryState query={clinicians} />
      {(clinicians.data?.items ?? []).map((one) => (
        <Training key={one.id} clinician={one} onSaved={() => { void clinicians.refetch(); }} />
      ))}
    </section>
  );
}

function Training({ clinician, onSaved }: { clinician: Schemas["ClinicClinician"]; onSaved: () => void }) {
  const { t } = useLingui();
  const was = clinician.training_completed_on ?? null;
  const [date, setDate] = useState(was ?? "");
  const [saved, setSaved] = useState(false);
  const { busy, failure, call } = useCall();
  const problem = failure ? problemOf(failure) : undefined;
  const save = async (keeps_visits: boolean) => {
    setSaved(false);
    const body = { was, completed_on: date || null, keeps_visits };
    if (!await call(() => client.PUT("/api/clinic/clinicians/{id}/training", { params: { path: { id: clinician.id } }, body }))) return;
    setSaved(true);
    onSaved();
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void save(false);
    }}>
      {failure ? <Failure error={failure} /> : null}
      <StrandedVisits visits={problem?.stranded ?? []} busy={busy} onKeep={() => { void save(true); }} />
      {saved ? <Banner kind="success" live title={t`保存しました`} /> : null}
      <TextField id={`training-${clinician.id}`} type="date" width="medium" optional label={t`${clinician.name} 医師が研修を修了した日`} error={problem?.fields[0]?.detail} value={date} onChange={setDate} />
      <button type="submit" className="button button-outline" disabled={busy || date === (was ?? "")} aria-label={t`${clinician.name} 医師の研修の日を保存する`}>{t`保存する`}</button>
    </form>
  );
}
