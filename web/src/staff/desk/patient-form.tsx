import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { dateOf, language } from "../../i18n";
import { readDate } from "../../i18n/wareki";
import { BirthDateField, deviceToday, emptyDate, useDateFault } from "../../ui/birth-date";
import { errorOf, ErrorSummary, Failure, type FieldError, useErrors } from "../../ui/errors";
import { CheckField, SelectField, TextField } from "../../ui/fields";
import { QueryState } from "../../ui/query-state";
import { CLINIC_ZONE } from "../today-page";
import { useCall } from "../use-call";
import { FirstVisitFields, type FirstVisitEntry } from "./first-visit-fields";
import { type Answers, QuestionFields, shownOf } from "./question-fields";

type Pointer = Schemas["FieldProblem"]["pointer"];

const EMPTY = { name: "", kana: "", phone: "", email: "", symptoms: "" };

/** The field of a pointer of the server: `/answers/medicines` is the field `answers-medicines`. */
const fieldOf = (pointer: Pointer): string => pointer.slice(1).replaceAll("/", "-");

/** Who is on the telephone, what the clinic asks, and the texts that are read aloud. */
export function PatientForm({ booking, onDone }: { booking: Schemas["Booking"]; onDone: (done: Schemas["Confirmed"]) => void }) {
  const { t } = useLingui();
  const dateFault = useDateFault();
  const id = booking.service.id;
  const asked = api.useQuery("get", "/api/services/{id}/questionnaire", { params: { path: { id } } });
  const terms = api.useQuery("get", "/api/services/{id}/terms", { params: { path: { id }, query: { on: dateOf(new Date(booking.start), booking.zone || CLINIC_ZONE) } } });
  const [entry, setEntry] = useState(EMPTY);
  const [birth, setBirth] = useState(emptyDate);
  const [answers, setAnswers] = useState<Answers>({});
  const [triage, setTriage] = useState<Answers>({});
  const [first, setFirst] = useState<FirstVisitEntry>({ basis: "", last: "", sources: [] });
  const [agreed, setAgreed] = useState<string[]>([]);
  const [method, setMethod] = useState<"spoken" | "paper">("spoken");
  const [errors, setErrors] = useErrors();
  const { busy, failure, forget, call } = useCall();
  const put = (part: Partial<typeof EMPTY>) => { setEntry({ ...entry, ...part }); };
  if (!asked.data || !terms.data) return <><QueryState query={asked} /><QueryState query={terms} /></>;
  const { questions, red_flags: flags, version, first_visit: rule } = asked.data;
  const { consents, fees, acknowledge } = terms.data;
  const needed = [...consents.map((one) => one.kind), ...acknowledge];
  const read = readDate(birth, deviceToday());
  const submit = async () => {
    const missing: FieldError[] = [
      ...(entry.name.trim() ? [] : [{ field: "name", text: t`お名前を入れてください` }]),
      ...(entry.kana.trim() ? [] : [{ field: "kana", text: t`フリガナを入れてください` }]),
      ...("date" in read ? [] : [{ field: "birth_date", text: dateFault(read.fault) }]),
      ...(entry.phone.trim() ? [] : [{ field: "phone", text: t`電話番号を入れてください` }]),
      ...(entry.symptoms.trim() ? [] : [{ field: "symptoms", text: t`相談の内容を入れてください` }]),
      ...needed.filter((kind) => !agreed.includes(kind)).map((kind) => ({ field: `agree-${kind}`, text: t`読み上げて、同意を確かめてください` })),
    ];
    setErrors(missing);
    forget();
    if (missing.length > 0 || !("date" in read)) return;
    const body: Schemas["ConfirmWish"] = {
      for_whom: "self", name: entry.name.trim(), kana: entry.kana.trim(), birth_date: read.date, phone: entry.phone.trim(), symptoms: entry.symptoms.trim(), language: language(),
      ...(entry.email.trim() ? { email: entry.email.trim() } : {}),
      consent_method: method,
      consents: consents.map(({ kind, version: shown }) => ({ kind, version: shown })),
      ...(version == null ? {} : { questionnaire_version: version, answers: shownOf(questions, answers) }),
      ...(flags ? { triage_version: flags.version, triage: shownOf(flags.questions, triage) } : {}),
      ...(fees ? { fee_version: fees.version } : {}),
      refusal_acknowledged: acknowledge.includes("refusal"),
      fee_acknowledged: acknowledge.includes("fee"),
      ...(first.basis ? { first_visit_basis: first.basis } : {}),
      ...(first.last ? { last_in_person_on: first.last } : {}),
      ...(first.sources.length > 0 ? { medical_information_source: first.sources } : {}),
    };
    const done = await call(async () => {
      const answer = await client.POST("/api/clinic/bookings/{id}/confirm", { params: { path: { id: booking.id } }, body });
      if (answer.error) setErrors(problemOf(answer.error).fields.map(({ pointer, detail }) => ({ field: fieldOf(pointer), text: detail })));
      return answer;
    });
    if (done) onDone(done);
  };
  return (
    <form className="narrow-form" noValidate onSubmit={(event) => {
      event.preventDefault();
      void submit();
    }}>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      <div className="form-grid">
        <TextField id="name" label={t`お名前`} error={errorOf(errors, "name")} value={entry.name} onChange={(name) => { put({ name }); }} />
        <TextField id="kana" label={t`フリガナ`} error={errorOf(errors, "kana")} value={entry.kana} onChange={(kana) => { put({ kana }); }} />
        <TextField id="phone" type="tel" label={t`電話番号`} error={errorOf(errors, "phone")} value={entry.phone} onChange={(phone) => { put({ phone }); }} />
        <TextField id="email" type="email" optional label={t`メールアドレス`} error={errorOf(errors, "email")} value={entry.email} onChange={(email) => { put({ email }); }} />
      </div>
      <BirthDateField id="birth_date" legend={t`生年月日`} entry={birth} error={errorOf(errors, "birth_date")} onChange={setBirth} />
      <TextField id="symptoms" rows={3} label={t`相談の内容`} error={errorOf(errors, "symptoms")} value={entry.symptoms} onChange={(symptoms) => { put({ symptoms }); }} />
      <FirstVisitFields stage={rule.visit} errors={errors} entry={first} onChange={setFirst} />
      {flags ? <QuestionFields scope="triage" questions={flags.questions} answers={triage} errors={errors} onChange={setTriage} /> : null}
      <QuestionFields scope="answers" questions={questions} answers={answers} errors={errors} onChange={setAnswers} />
      <h2>{t`読み上げて、同意を確かめる`}</h2>
      {consents.map((one) => (
        <section className="card" key={one.kind}>
          <p className="multi-line">{language() === "ja" ? one.text_ja : one.text_en}</p>
          <Agree kind={one.kind} label={t`読み上げました。患者さんが同意しました`} agreed={agreed} errors={errors} onChange={setAgreed} />
        </section>
      ))}
      {acknowledge.map((kind) => (
        <Agree key={kind} kind={kind} label={kind === "refusal" ? t`オンライン診療をお断りすることがあると伝えました` : t`料金を伝えました`} agreed={agreed} errors={errors} onChange={setAgreed} />
      ))}
      <SelectField id="consent_method" label={t`同意の取りかた`} value={method} onChange={setMethod} options={[{ value: "spoken", label: t`口頭で` }, { value: "paper", label: t`書面で` }]} />
      <button type="submit" className="button button-solid button-large" disabled={busy}>{t`予約を決める`}</button>
    </form>
  );
}

function Agree({ kind, label, agreed, errors, onChange }: { kind: string; label: string; agreed: string[]; errors: FieldError[]; onChange: (agreed: string[]) => void }) {
  return (
    <CheckField id={`agree-${kind}`} label={label} error={errorOf(errors, `agree-${kind}`)} checked={agreed.includes(kind)} onChange={(yes) => {
      onChange(yes ? [...agreed, kind] : agreed.filter((other) => other !== kind));
    }} />
  );
}
