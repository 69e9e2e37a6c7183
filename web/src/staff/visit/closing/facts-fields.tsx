import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, type Booking } from "../../../api/client";
import { dayAndTime, type Language, language } from "../../../i18n";
import { errorOf, type FieldError } from "../../../ui/errors";
import { CheckField, RadioGroup, SelectField, TextField } from "../../../ui/fields";
import { usePrefectures } from "../../../ui/prefectures";
import type { Entry, Outcome } from "./facts";
import { PolicyField } from "./policy-field";
import { PrescriptionFields } from "./prescription-fields";

interface Part {
  entry: Entry;
  errors: FieldError[];
  onChange: (change: Partial<Entry>) => void;
}

/** What the guideline and the yearly report ask of a visit that took place. */
export function FactsFields({ booking, reads, outcome, entry, errors, onChange }: Part & { booking: Booking; reads: Language; outcome: Outcome }) {
  const { t } = useLingui();
  const talk = booking.service.kind === "pre_consultation";
  const part = { entry, errors, onChange };
  return (
    <>
      {outcome === "converted_to_in_person" ? <Conversion {...part} /> : null}
      {talk ? null : <FirstVisit {...part} />}
      {talk ? <p>{t`診療前相談では、診断も処方もできません。`}</p> : <PrescriptionFields {...part} />}
      <PolicyField reads={reads} {...part} />
      <More booking={booking} {...part} />
    </>
  );
}

function Conversion({ entry, errors, onChange }: Part) {
  const { t } = useLingui();
  return (
    <RadioGroup id="conversion_reason" legend={t`来院へ変えた理由`} error={errorOf(errors, "conversion_reason")} value={entry.conversion} onChange={(conversion) => { onChange({ conversion }); }} options={[
      { value: "examination_needed", label: t`触診や検査が必要` },
      { value: "unsuitable", label: t`オンラインに向かない症状` },
      { value: "line_failure", label: t`映像や音が足りない` },
      { value: "patient_wish", label: t`患者の希望` },
      { value: "other", label: t`そのほか` },
    ]} />
  );
}

/** Two questions that look alike: the one of the guideline decides on drugs, the other on fees. */
function FirstVisit({ entry, errors, onChange }: Part) {
  const { t } = useLingui();
  return (
    <>
      <div className="pair">
        <RadioGroup id="guideline_first_visit" legend={t`指針の上では`} hint={t`新しい症状なら、通院中でも初診`} error={errorOf(errors, "guideline_first_visit")} value={entry.guideline ? "first" : "repeat"} onChange={(value) => { onChange({ guideline: value === "first" }); }} options={[
          { value: "first", label: t`初診` },
          { value: "repeat", label: t`再診` },
        ]} />
        <RadioGroup id="billing_first_visit" legend={t`診療報酬の上では`} error={errorOf(errors, "billing_first_visit")} value={entry.billing ? "first" : "repeat"} onChange={(value) => { onChange({ billing: value === "first" }); }} options={[
          { value: "first", label: t`初診料` },
          { value: "repeat", label: t`再診料など` },
        ]} />
      </div>
      <CheckField id="underlying_info_known" label={t`基礎疾患などの情報が分かっている`} error={errorOf(errors, "underlying_info_known")} checked={entry.known} onChange={(known) => { onChange({ known }); }} />
    </>
  );
}

/** What most visits do not need. Open where something in it is wrong or not as usual. */
function More({ booking, entry, errors, onChange }: Part & { booking: Booking }) {
  const { t } = useLingui();
  const [open, setOpen] = useState(entry.place !== "clinic");
  const inside = ["referral-to", "doctor_prefecture", "record_access", "next_booking_id", "nurse_acts", "patient_prefecture"];
  const wrong = errors.some((error) => inside.includes(error.field));
  const prefectures = usePrefectures();
  return (
    <details className="more" open={open || wrong} onToggle={(event) => { setOpen(event.currentTarget.open); }}>
      <summary>{t`紹介・所在・次の予約`}</summary>
      <SelectField id="referral-reason" label={t`ほかの医療機関への紹介`} value={entry.referral} onChange={(referral) => { onChange({ referral }); }} options={[
        { value: "", label: t`紹介なし` },
        { value: "beyond_ability", label: t`自院では対応が難しい` },
        { value: "urgent", label: t`緊急` },
        { value: "other", label: t`そのほか` },
      ]} />
      {entry.referral ? <TextField id="referral-to" label={t`紹介先`} error={errorOf(errors, "referral-to")} value={entry.referredTo} onChange={(referredTo) => { onChange({ referredTo }); }} /> : null}
      <SelectField id="patient_prefecture" label={t`患者がいた都道府県`} error={errorOf(errors, "patient_prefecture")} value={entry.patientPrefecture} options={usePrefectures(t`分からない`)} onChange={(patientPrefecture) => { onChange({ patientPrefecture }); }} />
      <SelectField id="doctor_place" label={t`医師がいた場所`} value={entry.place} onChange={(place) => { onChange({ place }); }} options={[
        { value: "clinic", label: t`医療機関の中` },
        { value: "home", label: t`自宅など` },
        { value: "other_facility", label: t`ほかの医療機関` },
        { value: "other", label: t`そのほか` },
      ]} />
      {entry.place === "clinic" ? null : (
        <>
          <SelectField id="doctor_prefecture" label={t`その都道府県`} error={errorOf(errors, "doctor_prefecture")} value={entry.doctorPrefecture} options={prefectures} onChange={(doctorPrefecture) => { onChange({ doctorPrefecture }); }} />
          <SelectField id="record_access" label={t`過去の診療録の見かた`} error={errorOf(errors, "record_access")} value={entry.access} onChange={(access) => { onChange({ access }); }} options={[
            { value: "", label: t`選んでください` },
            { value: "cloud_emr", label: t`クラウド型の電子カルテ` },
            { value: "in_house", label: t`院内の診療録` },
            { value: "other", label: t`そのほか` },
          ]} />
        </>
      )}
      <TextField id="nurse_acts" rows={2} optional label={t`そばにいた看護師が行ったこと`} error={errorOf(errors, "nurse_acts")} value={entry.nurse} onChange={(nurse) => { onChange({ nurse }); }} />
      <NextVisit booking={booking} entry={entry} errors={errors} onChange={onChange} />
    </details>
  );
}

/** The visit that follows, once it is booked: the way there opens beside this page. */
function NextVisit({ booking, entry, errors, onChange }: Part & { booking: Booking }) {
  const { t } = useLingui();
  const visits = api.useQuery("get", "/api/clinic/visits/{id}/series/visits", { params: { path: { id: booking.id } } });
  const later = (visits.data?.items ?? []).filter((one) => one.status === "booked" && Date.parse(one.start) > Date.parse(booking.start));
  return (
    <>
      <p><a className="button button-outline" href={`/staff/repeat/${booking.id}`} target="_blank" rel="noopener">{t`次の予約を取る（別の画面）`}</a></p>
      {later.length > 0 ? (
        <SelectField id="next_booking_id" label={t`次の予約`} error={errorOf(errors, "next_booking_id")} value={entry.next} onChange={(next) => { onChange({ next }); }} options={[
          { value: "", label: t`選ばない` },
          ...later.map((one) => ({ value: one.id, label: dayAndTime(one.start, one.zone, language()) })),
        ]} />
      ) : null}
    </>
  );
}
