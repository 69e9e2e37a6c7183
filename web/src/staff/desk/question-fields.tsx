import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";
import { errorOf, type FieldError } from "../../ui/errors";
import { RadioGroup, SelectField, TextField } from "../../ui/fields";
import { inPage, labelOf } from "../../ui/question-words";

type Question = Schemas["Question"];
type Answer = string | number | boolean | string[];
export type Answers = Record<string, Answer>;

/** Whether a question is to be asked, after what was answered before it. */
export function isShown(question: Question, answers: Answers): boolean {
  const condition = question.shown_when;
  if (!condition) return true;
  const answer = answers[condition.question];
  return Array.isArray(answer) ? answer.includes(String(condition.is)) : answer === condition.is;
}

/** The answers to what is asked; what was answered to a question that is gone is left out. */
export const shownOf = (questions: Question[], answers: Answers): Answers =>
  Object.fromEntries(questions.filter((one) => isShown(one, answers) && answers[one.id] !== undefined && answers[one.id] !== "").map((one) => [one.id, answers[one.id] ?? ""]));

/** The clinic's own questions, to be asked on the telephone. */
export function QuestionFields({ scope, questions, answers, errors, onChange }: {
  scope: "answers" | "triage";
  questions: Question[];
  answers: Answers;
  errors: FieldError[];
  onChange: (answers: Answers) => void;
}) {
  return (
    <>
      {questions.filter((one) => isShown(one, answers)).map((one) => (
        <QuestionField key={one.id} id={`${scope}-${one.id}`} question={one} answer={answers[one.id]} error={errorOf(errors, `${scope}-${one.id}`)} onChange={(answer) => {
          onChange({ ...answers, [one.id]: answer });
        }} />
      ))}
    </>
  );
}

function QuestionField({ id, question, answer, error, onChange }: { id: string; question: Question; answer: Answer | undefined; error: string | undefined; onChange: (answer: Answer) => void }) {
  const { t } = useLingui();
  const label = labelOf(question);
  const help = inPage(question.help_ja ?? "", question.help_en);
  const options = (question.options ?? []).map((one) => ({ value: one.id, label: labelOf(one) }));
  const common = { id, label, error, ...(help ? { hint: help } : {}) };
  switch (question.kind) {
    case "yes_no":
    case "red_flag":
      return <RadioGroup id={id} legend={label} error={error} {...(help ? { hint: help } : {})} value={answer === true ? "yes" : answer === false ? "no" : ""} onChange={(next) => { onChange(next === "yes"); }} options={[{ value: "yes", label: t`はい` }, { value: "no", label: t`いいえ` }]} />;
    case "choice":
      return <SelectField {...common} value={typeof answer === "string" ? answer : ""} onChange={onChange} options={[{ value: "", label: t`選んでください` }, ...options]} />;
    case "multi": {
      const chosen = Array.isArray(answer) ? answer : [];
      return (
        <fieldset className={`field${error ? " field-failed" : ""}`}>
          <legend>{label}</legend>
          {help ? <p className="hint">{help}</p> : null}
          {error ? <p className="field-error" id={`${id}-error`}>{error}</p> : null}
          {options.map((option, place) => (
            <label className="choice" key={option.value}>
              <input type="checkbox" id={place === 0 ? id : `${id}-${option.value}`} checked={chosen.includes(option.value)} onChange={(event) => {
                onChange(event.target.checked ? [...chosen, option.value] : chosen.filter((other) => other !== option.value));
              }} />
              <span>{option.label}</span>
            </label>
          ))}
        </fieldset>
      );
    }
    case "number":
      return <TextField {...common} width="short" inputMode="decimal" optional={!question.required} value={answer === undefined ? "" : String(answer)} onChange={(text) => { onChange(text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text)); }} />;
    case "date":
      return <TextField {...common} type="date" width="medium" optional={!question.required} value={typeof answer === "string" ? answer : ""} onChange={onChange} />;
    default:
      return <TextField {...common} rows={2} optional={!question.required} value={typeof answer === "string" ? answer : ""} onChange={onChange} />;
  }
}
