import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { type Booking, client } from "../../api/client";
import { problemOf } from "../../api/problem";
import { dayAndTime, language } from "../../i18n";
import { bothCalendars, readDate } from "../../i18n/wareki";
import { deviceToday } from "../../ui/birth-date";
import { ErrorSummary, errorOf, Failure, type FieldError } from "../../ui/errors";
import { CheckField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { SummaryList } from "../../ui/summary-list";
import { CutOffs } from "../cut-offs";
import { rememberLink } from "../link";
import { feeOf, nameOf } from "../service";
import { bodyOf, type Draft, type Step, stepOfPointer } from "./draft";
import { forgetDraft } from "./flow";
import { useRelations, useStepTitle } from "./questions";
import { StepNav } from "./step-nav";

/** A3: all answers, each with its way back, and consent that nobody ticked beforehand. */
export function CheckStep({ booking, draft, onBooking }: { booking: Booking; draft: Draft; onBooking: (booking: Booking) => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const title = useStepTitle("check");
  const [consent, setConsent] = useState(false);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [failure, setFailure] = useState<unknown>(null);
  const [sending, setSending] = useState(false);

  const refused = async (error: unknown) => {
    const first = problemOf(error).fields.map((field) => ({ at: stepOfPointer(field.pointer), text: field.detail })).find((field) => field.at);
    if (first?.at) await navigate(`/book/${booking.id}/${first.at.step}`, { state: { change: true, field: first.at.field, text: first.text } });
    else setFailure(error);
  };
  const submit = async () => {
    setFailure(null);
    const missing = consent ? [] : [{ field: "consent", text: t`予約するには、上の説明への同意が必要です` }];
    setErrors(missing);
    const body = bodyOf(draft, language(), deviceToday());
    if (missing.length > 0 || !body) return;
    setSending(true);
    try {
      const { data, error } = await client.POST("/api/bookings/{id}/confirm", { params: { path: { id: booking.id } }, body });
      if (!data) {
        await refused(error);
        return;
      }
      rememberLink(data.booking.id, data.link);
      forgetDraft();
      await navigate(`/bookings/${data.booking.id}`, { replace: true, state: { done: true } });
      onBooking(data.booking);
    } catch (error) {
      setFailure(error);
    } finally {
      setSending(false);
    }
  };

  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void submit();
    }}>
      <StepNav now="check" />
      <ErrorSummary errors={errors} />
      {failure ? <Failure error={failure} /> : null}
      <PageTitle title={title} />
      <Answers booking={booking} draft={draft} />
      <h2>{t`料金`}</h2>
      <p>{feeOf(booking.service, language())}</p>
      <h2>{t`変更と取り消し`}</h2>
      <CutOffs service={booking.service} />
      <h2>{t`オンライン診療についての説明`}</h2>
      <ul>
        <li>{t`ビデオでは分からないことがあります。医師が必要と考えたときは、来院をお願いします。`}</li>
        <li>{t`診察のはじめに、医師と患者の本人確認を行います。`}</li>
        <li>{t`録画・録音はしません。診察は、ほかの人に聞かれない場所で受けてください。`}</li>
        <li>{t`入れた内容は、この診療のために医療機関だけが使います。`}</li>
      </ul>
      <CheckField id="consent" label={t`説明を読みました。オンライン診療を受けることに同意します`} error={errorOf(errors, "consent")} checked={consent} onChange={setConsent} />
      <button type="submit" className="button button-solid button-large" disabled={sending}>
        {t`この内容で予約する`}
      </button>
    </form>
  );
}

function Answers({ booking, draft }: { booking: Booking; draft: Draft }) {
  const { t } = useLingui();
  const relations = useRelations();
  const birth = readDate(draft.birth, deviceToday());
  const relation = relations.find((known) => known.value === draft.relation)?.label ?? "";
  const change = (step: Step, what: string) => (
    <Link to={`/book/${booking.id}/${step}`} state={{ change: true }} aria-label={t`${what} を変更する`}>
      {t`変更`}
    </Link>
  );
  return (
    <SummaryList rows={[
      { term: t`日時`, value: <strong>{dayAndTime(booking.start, booking.zone, language())}</strong> },
      { term: t`医療機関`, value: booking.facility.name },
      { term: t`医師`, value: t`${booking.clinician.name}（医籍登録 ${String(booking.clinician.license_year)} 年）` },
      { term: t`診療`, value: nameOf(booking.service, language()) },
      { term: t`受診する方`, value: draft.forWhom === "family" ? t`家族（${relation}）予約する方: ${draft.bookerName}` : t`自分`, action: change("who", t`受診する方`) },
      { term: t`お名前`, value: t`${draft.name}（${draft.kana}）`, action: change("name", t`お名前`) },
      { term: t`生年月日`, value: "date" in birth ? bothCalendars(birth.date, language()) : "", action: change("birth", t`生年月日`) },
      { term: t`連絡先`, value: [draft.phone, draft.email].filter(Boolean).join(" / "), action: change("contact", t`連絡先`) },
      { term: t`ご相談`, value: <span className="multi-line">{draft.symptoms}</span>, action: change("symptoms", t`ご相談`) },
    ]} />
  );
}
