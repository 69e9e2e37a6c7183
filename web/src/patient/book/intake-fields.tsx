import { useLingui } from "@lingui/react/macro";
import type { Booking } from "../../api/client";
import { errorOf, type FieldError } from "../../ui/errors";
import { FieldErrorText, RadioGroup, TextField } from "../../ui/fields";
import { controlOf } from "./draft";
import { type Answer, type Answers, type Asked, asksSources, type ClinicQuestion, shownOf } from "./intake";
import { inPage, labelOf } from "../../ui/question-words";
import { useBases, useSources } from "./intake-words";
import { CallTheClinic } from "./news";
import type { Props } from "./questions";

/** The clinic's own questions, and what the rules on first visits want to know. */
export function ClinicQuestions({ asked, draft, errors, onDraft }: Props & { asked: Asked }) {
  const { t } = useLingui();
  return (
    <>
      <QuestionList step="clinic" questions={asked.questions} answers={draft.answers} errors={errors} onAnswers={(answers) => { onDraft({ ...draft, answers }); }} />
      {asked.first_visit.visit === "first" ? <FirstVisit asked={asked} draft={draft} errors={errors} onDraft={onDraft} /> : null}
      {draft.asksLastInPerson ? (
        <TextField id="last_in_person_on" type="date" width="medium" label={t`最後にこの医療機関に来院した日`} hint={t`だいたいの日でかまいません`} error={errorOf(errors, "last_in_person_on")} value={draft.lastInPerson} onChange={(lastInPerson) => { onDraft({ ...draft, lastInPerson }); }} />
      ) : null}
    </>
  );
}

function FirstVisit({ asked, draft, errors, onDraft }: Props & { asked: Asked }) {
  const { t } = useLingui();
  const bases = useBases();
  const sources = useSources();
  const none = asked.first_visit.without_basis === "request" ? [{ value: "none" as const, label: t`どれにもあてはまらない、わからない`, hint: t`医療機関が確かめてから、予約が決まります` }] : [];
  return (
    <>
      <RadioGroup id="first_visit_basis" legend={t`はじめての診察をオンラインで受ける理由`} hint={t`はじめての診察をオンラインで行えるのは、次のどれかにあてはまるときです。`} error={errorOf(errors, "first_visit_basis")} value={draft.basis} options={[...bases, ...none]} onChange={(basis) => { onDraft({ ...draft, basis }); }} />
      {asksSources(asked, draft.basis) ? (
        <CheckGroup id="sources" legend={t`医師が見られる情報（いくつでも）`} error={errorOf(errors, "sources")} values={draft.sources} options={sources} onChange={(chosen) => { onDraft({ ...draft, sources: sources.map((one) => one.value).filter((one) => chosen.includes(one)) }); }} />
      ) : null}
    </>
  );
}

/** Signs of an emergency; a "yes" says at once whom to call. */
export function FlagQuestions({ asked, booking, draft, errors, onDraft }: Props & { asked: Asked; booking: Booking }) {
  const questions = asked.red_flags?.questions ?? [];
  return (
    <>
      <QuestionList step="flags" questions={questions} answers={draft.flags} errors={errors} onAnswers={(flags) => { onDraft({ ...draft, flags }); }} />
      {shownOf(questions, draft.flags).some((question) => draft.flags[question.id] === true) ? <CallTheClinic telephone={booking.facility.telephone} /> : null}
    </>
  );
}

function QuestionList({ step, questions, answers, errors, onAnswers }: {
  step: "flags" | "clinic";
  questions: ClinicQuestion[];
  answers: Answers;
  errors: FieldError[];
  onAnswers: (answers: Answers) => void;
}) {
  return shownOf(questions, answers).map((question) => {
    const id = controlOf(step, question.id);
    return <QuestionField key={id} id={id} question={question} answer={answers[question.id]} error={errorOf(errors, id)} onAnswer={(answer) => { onAnswers({ ...answers, [question.id]: answer }); }} />;
  });
}

/** The native control for a kind of question. */
function QuestionField({ id, question, answer, error, onAnswer }: {
  id: string;
  question: ClinicQuestion;
  answer: Answer | undefined;
  error: string | undefined;
  onAnswer: (answer: Answer) => void;
}) {
  const { t } = useLingui();
  const help = inPage(question.help_ja ?? "", question.help_en);
  const hint = help ? { hint: help } : {};
  const options = (question.options ?? []).map((option) => ({ value: option.id, label: labelOf(option) }));
  const text = typeof answer === "string" ? answer : "";
  const common = { id, label: labelOf(question), optional: question.required === false, error, value: text, onChange: onAnswer, ...hint };
  switch (question.kind) {
    case "text":
      return <TextField {...common} rows={4} />;
    case "number":
      return <TextField {...common} inputMode="decimal" width="short" />;
    case "date":
      return <TextField {...common} type="date" width="medium" />;
    case "choice":
      return <RadioGroup id={id} legend={labelOf(question)} error={error} value={text} options={options} onChange={onAnswer} {...hint} />;
    case "multi":
      return <CheckGroup id={id} legend={labelOf(question)} error={error} values={Array.isArray(answer) ? answer : []} options={options} onChange={onAnswer} {...hint} />;
    case "yes_no":
    case "red_flag":
      return (
        <RadioGroup id={id} legend={labelOf(question)} error={error} value={answer === undefined ? "" : answer === true ? "yes" : "no"} onChange={(value) => { onAnswer(value === "yes"); }} options={[
          { value: "yes", label: t`はい` },
          { value: "no", label: t`いいえ` },
        ]} {...hint} />
      );
  }
}

/** Native check boxes of which any number may be ticked. */
function CheckGroup({ id, legend, hint, error, values, options, onChange }: {
  id: string;
  legend: string;
  hint?: string;
  error?: string | undefined;
  values: string[];
  options: { value: string; label: string }[];
  onChange: (values: string[]) => void;
}) {
  const told = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <fieldset className={`field${error ? " field-failed" : ""}`} {...(told ? { "aria-describedby": told } : {})}>
      <legend>{legend}</legend>
      {hint ? <p className="hint" id={`${id}-hint`}>{hint}</p> : null}
      <FieldErrorText id={id} error={error} />
      {options.map((option, place) => (
        <label className="choice" key={option.value}>
          <input type="checkbox" id={place === 0 ? id : `${id}-${option.value}`} name={id} checked={values.includes(option.value)} onChange={(event) => {
            const rest = values.filter((one) => one !== option.value);
            onChange(event.target.checked ? [...rest, option.value] : rest);
          }} />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
