import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { type Booking, client, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { dayAndTime, language } from "../../i18n";
import { bothCalendars, readDate } from "../../i18n/wareki";
import { deviceToday } from "../../ui/birth-date";
import { ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { PageTitle } from "../../ui/page";
import { SummaryList } from "../../ui/summary-list";
import { CutOffs } from "../cut-offs";
import { rememberLink } from "../link";
import { nameOf } from "../service";
import { bodyOf, controlOf, type Draft, type Step, stepOfPointer, stepsOf } from "./draft";
import { forgetDraft } from "./flow";
import { type Answers as AnswersGiven, type Asked, asksSources, shownOf, SOURCE_QUESTION, type Terms } from "./intake";
import { labelOf, useAnswerText } from "../../ui/question-words";
import { useBases, useSources } from "./intake-words";
import { CallTheClinic, News } from "./news";
import { useRelations, useStepTitle } from "./questions";
import { StepNav } from "./step-nav";
import { boxesOf, Consents, FeeTable, tickOf } from "./terms";
import type { Intake } from "./use-intake";

/** A3: all answers, each with its way back, what it costs, and consent that nobody ticked beforehand. */
export function CheckStep({ booking, draft, intake, onDraft, onBooking }: {
  booking: Booking;
  draft: Draft;
  intake: Intake;
  onDraft: (draft: Draft) => void;
  onBooking: (booking: Booking) => void;
}) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const title = useStepTitle("check");
  const { asked, terms } = intake;
  const [ticks, setTicks] = useState<string[]>([]);
  const [errors, setErrors] = useErrors();
  const [failure, setFailure] = useState<unknown>(null);
  const [sending, setSending] = useState(false);
  const ticked = (box: string) => ticks.includes(tickOf(terms, box));

  const refused = async (error: unknown) => {
    // What changed meanwhile is shown by `intake`, and a page that now lacks an answer by the flow.
    if (intake.renew(currentOf(error))) {
      window.scrollTo(0, 0);
      return;
    }
    const fields = problemOf(error).fields.flatMap((field) => {
      const at = stepOfPointer(field.pointer);
      return at ? [{ ...at, field: fieldOn(asked, at.field), text: field.detail }] : [];
    });
    const first = fields.find((field) => field.step !== "check");
    if (first) {
      if (first.field === "last_in_person_on") onDraft({ ...draft, asksLastInPerson: true });
      await navigate(`/book/${booking.id}/${first.step}`, { state: { change: true, field: first.field, text: first.text } });
    } else if (fields.length > 0) setErrors(fields);
    else setFailure(error);
  };
  const submit = async () => {
    setFailure(null);
    const missing = boxesOf(terms).filter((box) => !ticked(box)).map((box) => ({ field: box, text: missingText(box) }));
    setErrors(missing);
    const body = bodyOf(draft, language(), deviceToday(), asked, terms);
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
  const missingText = (box: string): string => {
    if (box === "consent-privacy") return t`予約するには、個人情報の扱いへの同意が必要です`;
    return box.startsWith("consent-") ? t`予約するには、上の説明への同意が必要です` : t`予約するには、診療前相談についての確認が必要です`;
  };

  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void submit();
    }}>
      <StepNav now="check" steps={stepsOf(asked, draft)} />
      <ErrorSummary errors={errors} />
      <Refusal booking={booking} failure={failure} />
      <PageTitle title={title} />
      <News news={intake.news} />
      <Answers booking={booking} draft={draft} asked={asked} />
      <h2>{t`料金`}</h2>
      <FeeTable booking={booking} fees={terms.fees} />
      <h2>{t`変更と取り消し`}</h2>
      <CutOffs service={booking.service} />
      <Consents terms={terms} errors={errors} ticked={ticked} onTick={(box, on) => {
        const tick = tickOf(terms, box);
        setTicks([...ticks.filter((one) => one !== tick), ...(on ? [tick] : [])]);
      }} />
      <button type="submit" className="button button-solid button-large" disabled={sending}>
        {t`この内容で予約する`}
      </button>
    </form>
  );
}

/** What a refusal says is current now. */
function currentOf(error: unknown): { questionnaire?: Asked | null; terms?: Terms | null } {
  const { current } = (typeof error === "object" && error !== null ? error : {}) as Partial<Schemas["Problem"]>;
  return current ?? {};
}

/** Sources are asked by the clinic's own question where it has one. */
const fieldOn = (asked: Asked, field: string): string =>
  field === "sources" && asked.questions.some((question) => question.id === SOURCE_QUESTION) ? controlOf("clinic", SOURCE_QUESTION) : field;

function Refusal({ booking, failure }: { booking: Booking; failure: unknown }) {
  const { t } = useLingui();
  if (!failure) return null;
  const { code } = problemOf(failure);
  const { telephone, emergency } = failure as Partial<Schemas["Problem"]>;
  if (code === "call_the_clinic") return <CallTheClinic telephone={telephone ?? booking.facility.telephone} emergency={emergency ?? "119"} />;
  return (
    <>
      <Failure error={failure} />
      {code === "no_pre_consultation" || code === "first_visit_basis_required" ? (
        <p>
          <Link to={`/book/${booking.id}/clinic`} state={{ change: true }}>{t`医療機関からの質問にもどる`}</Link>
        </p>
      ) : null}
    </>
  );
}

function Answers({ booking, draft, asked }: { booking: Booking; draft: Draft; asked: Asked }) {
  const { t } = useLingui();
  const relations = useRelations();
  const answer = useAnswerText();
  const bases = useBases();
  const sources = useSources();
  const birth = readDate(draft.birth, deviceToday());
  const relation = relations.find((known) => known.value === draft.relation)?.label ?? "";
  const change = (step: Step, what: string) => (
    <Link to={`/book/${booking.id}/${step}`} state={{ change: true }} aria-label={t`${what} を変更する`}>
      {t`変更`}
    </Link>
  );
  const given = (step: "flags" | "clinic", questions: Asked["questions"], answers: AnswersGiven) =>
    shownOf(questions, answers).map((question) => ({ term: labelOf(question), value: <span className="multi-line">{answer(question, answers[question.id])}</span>, action: change(step, labelOf(question)) }));
  const basis = bases.find((one) => one.value === draft.basis)?.label ?? t`どれにもあてはまらない、わからない`;
  const known = sources.filter((one) => draft.sources.includes(one.value)).map((one) => one.label);
  return (
    <SummaryList rows={[
      { term: t`日時`, value: <strong>{dayAndTime(booking.start, booking.zone, language())}</strong> },
      { term: t({ message: "医療機関", context: "one" }), value: booking.facility.name },
      { term: t`医師`, value: t`${booking.clinician.name}（医籍登録 ${String(booking.clinician.license_year)} 年）` },
      { term: t`診療`, value: nameOf(booking.service, language()) },
      { term: t`受診する方`, value: draft.forWhom === "family" ? t`家族（${relation}）予約する方: ${draft.bookerName}` : t`自分`, action: change("who", t`受診する方`) },
      { term: t`お名前`, value: t`${draft.name}（${draft.kana}）`, action: change("name", t`お名前`) },
      { term: t`生年月日`, value: "date" in birth ? bothCalendars(birth.date, language()) : "", action: change("birth", t`生年月日`) },
      { term: t`連絡先`, value: [draft.phone, draft.email].filter(Boolean).join(" / "), action: change("contact", t`連絡先`) },
      { term: t`ご相談`, value: <span className="multi-line">{draft.symptoms}</span>, action: change("symptoms", t`ご相談`) },
      ...given("flags", asked.red_flags?.questions ?? [], draft.flags),
      ...given("clinic", asked.questions, draft.answers),
      ...(asked.first_visit.visit === "first" ? [{ term: t`オンラインで受ける理由`, value: basis, action: change("clinic", t`オンラインで受ける理由`) }] : []),
      ...(asksSources(asked, draft.basis) ? [{ term: t`医師が見られる情報`, value: known.join(" / "), action: change("clinic", t`医師が見られる情報`) }] : []),
      ...(draft.asksLastInPerson ? [{ term: t`最後に来院した日`, value: draft.lastInPerson ? bothCalendars(draft.lastInPerson, language()) : "", action: change("clinic", t`最後に来院した日`) }] : []),
    ]} />
  );
}
