import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { client, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { Banner } from "../../ui/banner";
import { errorOf, ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { CheckField, RadioGroup, TextField } from "../../ui/fields";
import { serviceName } from "../hours/conditions";
import { useCall } from "../use-call";
import { asFields, fieldsOf, LIMITS, type NumberField, type RuleFields, rulesOf } from "./rules";
import { StrandedVisits } from "./stranded-visits";

/** Everything that decides which times of one kind of visit are offered. */
export function ServiceForm({ service, clinicians, onReload }: { service: Schemas["ClinicService"]; clinicians: Schemas["Clinician"][]; onReload: () => void }) {
  const { t } = useLingui();
  const [fields, setFields] = useState<RuleFields>(() => fieldsOf(service.rules));
  const [version, setVersion] = useState(service.version);
  const [errors, setErrors] = useErrors();
  const [saved, setSaved] = useState(false);
  const { busy, failure, call } = useCall();
  const stranded = failure ? problemOf(failure).stranded ?? [] : [];
  const put = (part: Partial<RuleFields>) => {
    setSaved(false);
    setFields({ ...fields, ...part });
  };
  const labels: Record<NumberField, string> = {
    length_min: t`診察の長さ（分）`,
    step_min: t`始まりの間隔（分）`,
    buffer_before_min: t`前に空ける時間（分）`,
    buffer_after_min: t`後に空ける時間（分）`,
    notice_min: t`何分前まで予約を受けるか`,
    notice_working_days: t`何診療日前まで予約を受けるか`,
    horizon_days: t`何日先まで予約を受けるか`,
    change_cutoff_min: t`患者さんが日時を変えられるのは何分前までか`,
    cancel_cutoff_min: t`患者さんが取り消せるのは何分前までか`,
    answer_within_min: t`承認の期限（分）`,
    daily_limit: t`医師1人の1日の上限（件）`,
    capacity: t`いっしょに受ける人数`,
    patient_daily_limit: t`同じ患者さんの1日の上限（件）`,
  };
  const save = async (keeps_visits: boolean) => {
    setSaved(false);
    const read = rulesOf(fields);
    if ("faults" in read) {
      setErrors(read.faults.map((field) => ({ field, text: t`${labels[field]}は、${LIMITS[field].least}から${LIMITS[field].most}までの数にしてください` })));
      return;
    }
    setErrors([]);
    const done = await call(() => client.PUT("/api/clinic/services/{id}", { params: { path: { id: service.id } }, body: { version, rules: read.rules, keeps_visits } }));
    if (!done) return;
    setVersion(done.version);
    setFields(fieldsOf(done.rules));
    setSaved(true);
  };
  const number = (name: NumberField, hint?: string) => (
    <TextField id={name} width="short" inputMode="numeric" {...(hint ? { hint } : {})} {...(name === "daily_limit" ? { optional: true } : {})} label={labels[name]} error={errorOf(errors, name) ?? asFields(failure, name)} value={fields[name]} onChange={(value) => { put({ [name]: value }); }} />
  );
  return (
    <form className="narrow-form" noValidate onSubmit={(event) => {
      event.preventDefault();
      void save(false);
    }}>
      <ErrorSummary errors={errors} />
      {failure ? <Failure error={failure} /> : null}
      {failure && problemOf(failure).code === "stale" ? (
        <p><button type="button" className="button button-outline" onClick={onReload}>{t`今の内容を読み込む（入れた内容は消えます）`}</button></p>
      ) : null}
      <StrandedVisits visits={stranded} busy={busy} onKeep={() => { void save(true); }} />
      {saved ? <Banner kind="success" live title={t`保存しました`} /> : null}
      <h2>{serviceName(service)}</h2>
      <h3>{t`長さと間隔`}</h3>
      <div className="form-grid">
        {number("length_min")}
        {number("step_min", t`15 なら 9:00、9:15、9:30 …`)}
        {number("buffer_before_min")}
        {number("buffer_after_min")}
      </div>
      <h3>{t`いつ予約できるか`}</h3>
      <div className="form-grid">
        {number("notice_min")}
        {number("notice_working_days", t`0 なら、診療日では数えません`)}
        {number("horizon_days")}
        {number("change_cutoff_min")}
        {number("cancel_cutoff_min")}
      </div>
      <h3>{t`だれが受けられるか`}</h3>
      <RadioGroup id="visit" legend={t`初診・再診`} value={fields.visit} onChange={(visit) => { put({ visit }); }} options={[
        { value: "any", label: t`初診と再診` },
        { value: "first", label: t`初診だけ` },
        { value: "repeat", label: t`再診だけ` },
      ]} />
      <CheckField id="needs_approval" label={t`予約ごとに、医療機関が承認する`} checked={fields.needs_approval} onChange={(needs_approval) => { put({ needs_approval }); }} />
      {fields.needs_approval ? number("answer_within_min") : null}
      <h3>{t`上限と部屋`}</h3>
      <div className="form-grid">
        {number("daily_limit", t`空にすると、上限はありません`)}
        {number("patient_daily_limit")}
        {number("capacity", t`2 以上なら、同じ時間に何人かで受けます`)}
      </div>
      <CheckField id="needs_room" label={t`オンライン診療受診施設の部屋で受ける`} checked={fields.needs_room} onChange={(needs_room) => { put({ needs_room }); }} />
      {clinicians.length > 1 ? (
        <>
          <People id="clinicians" legend={t`この診療をする医師（選ばなければ全員）`} clinicians={clinicians} chosen={fields.clinicians} onChange={(chosen) => { put({ clinicians: chosen }); }} />
          <People id="team" legend={t`いっしょに診る医師（全員の時間が空いているときだけ出します）`} clinicians={clinicians} chosen={fields.team} onChange={(team) => { put({ team }); }} />
        </>
      ) : null}
      <p className="buttons">
        <button type="submit" className="button button-solid" disabled={busy}>{t`保存する`}</button>
      </p>
    </form>
  );
}

function People({ id, legend, clinicians, chosen, onChange }: { id: string; legend: string; clinicians: Schemas["Clinician"][]; chosen: string[]; onChange: (chosen: string[]) => void }) {
  return (
    <fieldset className="field">
      <legend>{legend}</legend>
      {clinicians.map((one) => (
        <label className="choice" key={one.id}>
          <input type="checkbox" id={`${id}-${one.id}`} checked={chosen.includes(one.id)} onChange={(event) => {
            onChange(event.target.checked ? [...chosen, one.id] : chosen.filter((other) => other !== one.id));
          }} />
          <span>{one.name}</span>
        </label>
      ))}
    </fieldset>
  );
}
