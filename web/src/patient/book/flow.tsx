import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, Navigate, Route, Routes, useLocation, useNavigate, useParams } from "react-router";
import { api, type Booking } from "../../api/client";
import { deviceToday } from "../../ui/birth-date";
import { ErrorSummary, Failure, type FieldError, useErrors } from "../../ui/errors";
import { Busy, PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { Telephone } from "../../ui/telephone";
import { CheckStep } from "./check";
import { type Draft, emptyDraft, faultsOf, missingBefore, type Step, STEPS, stepsOf } from "./draft";
import { useFaultTexts } from "./faults";
import { News } from "./news";
import { HoldNotice } from "./hold";
import { type Intake, useIntake } from "./use-intake";
import { Question, useStepTitle } from "./questions";
import { StepNav } from "./step-nav";

/** Kept when a hold runs out and another is taken, as long as the page is open. */
let lastDraft: Draft = emptyDraft;

/** Forgets the answers, once they are with the clinic. */
export function forgetDraft(): void {
  lastDraft = emptyDraft;
}

/** A2 and A3: one question a page, each with an address, so that the browser's back button works. */
export function BookFlow() {
  const { t } = useLingui();
  const { booking: id = "" } = useParams();
  const queries = useQueryClient();
  const options = api.queryOptions("get", "/api/bookings/{id}", { params: { path: { id } } });
  const query = api.useQuery("get", "/api/bookings/{id}", { params: { path: { id } } }, { staleTime: 60_000 });
  const [draft, setDraft] = useState<Draft>(lastDraft);
  const change = (next: Draft) => {
    lastDraft = next;
    setDraft(next);
  };
  if (query.isPending) return <Busy />;
  if (query.error) return <Failure error={query.error} retry={() => { void query.refetch(); }} />;
  const booking = query.data;
  if (booking.status !== "held" && booking.status !== "expired") return <Navigate to={`/bookings/${id}`} replace />;
  const keep = (next: Booking) => { queries.setQueryData(options.queryKey, next); };
  return (
    <>
      <HoldNotice booking={booking} onBooking={keep} />
      <Steps booking={booking} draft={draft} onDraft={change} onBooking={keep} />
      <p className="back">
        <Link to={`/clinics/${booking.facility.id}/times?service=${booking.service.id}`}>{t`日時を選びなおす`}</Link>
      </p>
      <Telephone name={booking.facility.name} number={booking.facility.telephone} />
    </>
  );
}

/** The pages, once it is known what this service asks and what it costs. */
function Steps(props: Omit<StepProps, "step" | "intake">) {
  const { data: intake, ...state } = useIntake(props.booking);
  if (!intake) return <QueryState query={state} />;
  return (
    <Routes>
      {STEPS.map((step) => (
        <Route key={step} path={step} element={<StepPage step={step} intake={intake} {...props} />} />
      ))}
      <Route path="*" element={<Navigate to={`/book/${props.booking.id}/who`} replace />} />
    </Routes>
  );
}

interface StepProps {
  step: Step;
  intake: Intake;
  draft: Draft;
  booking: Booking;
  onDraft: (draft: Draft) => void;
  onBooking: (booking: Booking) => void;
}

function StepPage({ step, intake, draft, booking, onDraft, onBooking }: StepProps) {
  const missing = missingBefore(step, draft, deviceToday(), intake.asked);
  if (missing) return <Navigate to={`/book/${booking.id}/${missing}`} replace />;
  if (step === "check") return <CheckStep booking={booking} draft={draft} intake={intake} onDraft={onDraft} onBooking={onBooking} />;
  if (!stepsOf(intake.asked, draft).includes(step)) return <Navigate to={`/book/${booking.id}/check`} replace />;
  return <QuestionPage key={step} step={step} intake={intake} draft={draft} booking={booking} onDraft={onDraft} />;
}

function QuestionPage({ step, intake: { asked, news }, draft, booking, onDraft }: Omit<StepProps, "step" | "onBooking"> & { step: Exclude<Step, "check"> }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const location = useLocation();
  const texts = useFaultTexts(asked);
  const title = useStepTitle(step);
  // A fault found by the server arrives with the link from the check page.
  const [errors, setErrors] = useErrors(() => carriedErrors(location.state));
  const changing = isChange(location.state);
  const steps = stepsOf(asked, draft);
  const next = steps[steps.indexOf(step) + 1] ?? "check";
  const submit = async () => {
    const found = texts(faultsOf(step, draft, deviceToday(), asked));
    setErrors(found);
    if (found.length === 0) await navigate(`/book/${booking.id}/${changing ? "check" : next}`);
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void submit();
    }}>
      <StepNav now={step} steps={steps} />
      <p className="back">
        <button type="button" className="link" onClick={() => { void navigate(-1); }}>
          {t`前へもどる`}
        </button>
      </p>
      <ErrorSummary errors={errors} />
      <PageTitle title={title} />
      {step === "clinic" || step === "flags" ? <News news={news} /> : null}
      <Question step={step} asked={asked} booking={booking} draft={draft} errors={errors} onDraft={onDraft} />
      <button type="submit" className="button button-solid button-large">
        {t`次へ`}
      </button>
    </form>
  );
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isChange = (state: unknown): boolean => isObject(state) && "change" in state && state.change === true;

function carriedErrors(state: unknown): FieldError[] {
  if (!isObject(state) || !("field" in state) || !("text" in state)) return [];
  const { field, text } = state;
  return typeof field === "string" && typeof text === "string" ? [{ field, text }] : [];
}
