import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { errorOf, ErrorSummary, type FieldError, useErrors } from "../../ui/errors";
import { CheckField, SelectField, TextField } from "../../ui/fields";
import { Dialog } from "../dialog";
import { answersIn, awaited, isChoice, type Option, type Question, tidy } from "./draft";
import { OptionFields } from "./option-fields";
import { useAwaitedText, useKinds } from "./words";

/** The limits as they are typed. */
const typedLimit = (limit: number | null | undefined): string => (limit == null ? "" : String(limit));

/** Everything of one question: its words, its kind, whom it is asked. */
export function QuestionDialog({ question, isNew, flagsOnly, earlier, onDone, onClose }: {
  question: Question;
  isNew: boolean;
  /** The list of signs that must not wait has no other kind. */
  flagsOnly: boolean;
  earlier: Question[];
  onDone: (question: Question) => void;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const kinds = useKinds();
  const awaitedText = useAwaitedText();
  const [entry, setEntry] = useState(question);
  const [limits, setLimits] = useState({ length: typedLimit(question.max_length), min: typedLimit(question.min), max: typedLimit(question.max) });
  const [errors, setErrors] = useErrors();
  const put = (part: Partial<Question>) => { setEntry({ ...entry, ...part }); };
  const answers = answersIn(earlier);
  const numberOf = (text: string): number | null => (text.trim() === "" ? null : Number(text.trim()));
  const done = () => {
    const [length, min, max] = [numberOf(limits.length), numberOf(limits.min), numberOf(limits.max)];
    const options = entry.options ?? [];
    const faults: FieldError[] = [
      ...(entry.label_ja.trim() ? [] : [{ field: "question-label-ja", text: t`質問を日本語で入れてください` }]),
      ...(entry.label_en.trim() ? [] : [{ field: "question-label-en", text: t`質問を英語で入れてください` }]),
      ...(isChoice(entry.kind) && options.length === 0 ? [{ field: "option-add", text: t`選択肢を1つは足してください` }] : []),
      ...(isChoice(entry.kind) ? options.flatMap((one, place) => optionFaults(one, place, t`選択肢を、日本語と英語の両方で入れてください`)) : []),
      ...(entry.kind === "text" && length !== null && !(Number.isInteger(length) && length >= 1 && length <= 2000) ? [{ field: "question-length", text: t`1から2000までの数にしてください` }] : []),
      ...(entry.kind === "number" && Number.isNaN(min) ? [{ field: "question-min", text: t`数を入れてください` }] : []),
      ...(entry.kind === "number" && (Number.isNaN(max) || (min !== null && max !== null && max < min)) ? [{ field: "question-max", text: t`最小より大きい数を入れてください` }] : []),
    ];
    setErrors(faults);
    // What is shown as asked of everybody is kept so.
    const shown_when = awaited(entry, earlier) ? (entry.shown_when ?? null) : null;
    if (faults.length === 0) onDone(tidy({ ...entry, shown_when, max_length: length, min, max }));
  };
  return (
    <Dialog title={isNew ? t`質問を足す` : t`質問を直す`} onClose={onClose}>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        done();
      }}>
        <ErrorSummary errors={errors} />
        <TextField id="question-label-ja" label={t`質問（日本語）`} error={errorOf(errors, "question-label-ja")} value={entry.label_ja} onChange={(label_ja) => { put({ label_ja }); }} />
        <TextField id="question-label-en" label={t`質問（英語）`} error={errorOf(errors, "question-label-en")} value={entry.label_en} onChange={(label_en) => { put({ label_en }); }} />
        {flagsOnly ? null : <SelectField id="question-kind" label={t`答えかた`} value={entry.kind} options={kinds} onChange={(kind) => { put({ kind }); }} />}
        {isChoice(entry.kind) ? <OptionFields options={entry.options ?? []} errors={errors} onChange={(options) => { put({ options }); }} /> : null}
        {entry.kind === "text" ? <TextField id="question-length" width="short" inputMode="numeric" optional label={t`文字数の上限`} error={errorOf(errors, "question-length")} value={limits.length} onChange={(length) => { setLimits({ ...limits, length }); }} /> : null}
        {entry.kind === "number" ? (
          <div className="form-row">
            <TextField id="question-min" width="short" inputMode="decimal" optional label={t`最小`} error={errorOf(errors, "question-min")} value={limits.min} onChange={(min) => { setLimits({ ...limits, min }); }} />
            <TextField id="question-max" width="short" inputMode="decimal" optional label={t`最大`} error={errorOf(errors, "question-max")} value={limits.max} onChange={(max) => { setLimits({ ...limits, max }); }} />
          </div>
        ) : null}
        {entry.kind === "red_flag" ? null : <CheckField id="question-required" label={t`必ず答えてもらう`} checked={entry.required === true} onChange={(required) => { put({ required }); }} />}
        {answers.length > 0 || entry.shown_when ? (
          <SelectField id="question-when" label={t`だれに聞くか`} value={awaited(entry, earlier)?.value ?? ""} options={[
            { value: "", label: t`全員` },
            ...answers.map((one) => ({ value: one.value, label: awaitedText(one) })),
          ]} onChange={(value) => {
            const answer = answers.find((one) => one.value === value);
            put({ shown_when: answer ? { question: answer.question.id, is: answer.is } : null });
          }} />
        ) : null}
        <TextField id="question-help-ja" optional rows={2} label={t`説明（日本語）`} value={entry.help_ja ?? ""} onChange={(help_ja) => { put({ help_ja }); }} />
        <TextField id="question-help-en" optional rows={2} label={t`説明（英語）`} value={entry.help_en ?? ""} onChange={(help_en) => { put({ help_en }); }} />
        <p className="buttons">
          <button type="submit" className="button button-solid">{t`決める`}</button>
          <button type="button" className="button button-outline" onClick={onClose}>{t`やめる`}</button>
        </p>
      </form>
    </Dialog>
  );
}

function optionFaults(one: Option, place: number, text: string): FieldError[] {
  if (!one.label_ja.trim()) return [{ field: `option-${place}-ja`, text }];
  return one.label_en.trim() ? [] : [{ field: `option-${place}-en`, text }];
}
