import { useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { labelOf } from "../../ui/question-words";
import { errorOf, type FieldError } from "../../ui/errors";
import type { Deed, Row } from "./draft";
import { useQuestionFacts } from "./words";

/** The questions in their order, each with its way up, down and out. */
export function QuestionRows({ rows, errors, hanging, onOpen, onDeed }: {
  rows: Row[];
  errors: FieldError[];
  /** Keys of questions that wait for an answer nobody can give. */
  hanging: number[];
  onOpen: (row: Row) => void;
  onDeed: (deed: Deed, said: string) => void;
}) {
  const { t } = useLingui();
  const facts = useQuestionFacts();
  // Where the focus goes once the rows stand in their new order.
  const [focus, setFocus] = useState<{ id: string; or: string }>();
  useEffect(() => {
    if (!focus) return;
    const wanted = document.getElementById(focus.id);
    const target = wanted instanceof HTMLButtonElement && !wanted.disabled ? wanted : document.getElementById(focus.or);
    target?.focus();
  }, [focus]);
  const questions = rows.map((row) => row.question);
  return (
    <ol className="cards questions">
      {rows.map((row, place) => {
        const name = labelOf(row.question);
        const error = errorOf(errors, `question-${row.key}`) ?? (hanging.includes(row.key) ? t`出すかどうかを決める質問が、前にありません。順番か、聞く相手を直してください。` : undefined);
        const move = (by: -1 | 1) => {
          onDeed({ deed: "move", key: row.key, by }, t`「${name}」を ${place + 1 + by} 番目にしました。まだ保存していません`);
          const [up, down] = [`question-up-${row.key}`, `question-down-${row.key}`];
          setFocus(by < 0 ? { id: up, or: down } : { id: down, or: up });
        };
        return (
          <li className={`card${error ? " field-failed" : ""}`} key={row.key}>
            <p className="question-words">
              <strong>{place + 1}. {name}</strong>
            </p>
            <ul className="question-facts small">
              {facts(row.question, questions.slice(0, place)).map((fact) => <li key={fact}>{fact}</li>)}
            </ul>
            {error ? <p className="field-error" id={`question-${row.key}-error`}>{error}</p> : null}
            <p className="row-actions">
              <button type="button" id={`question-${row.key}`} className="link" aria-label={t`「${name}」を直す`} {...(error ? { "aria-describedby": `question-${row.key}-error` } : {})} onClick={() => { onOpen(row); }}>{t`直す`}</button>
              <button type="button" id={`question-up-${row.key}`} className="link" disabled={place === 0} aria-label={t`「${name}」を上へ`} onClick={() => { move(-1); }}>{t`上へ`}</button>
              <button type="button" id={`question-down-${row.key}`} className="link" disabled={place === rows.length - 1} aria-label={t`「${name}」を下へ`} onClick={() => { move(1); }}>{t`下へ`}</button>
              <button type="button" className="link" aria-label={t`「${name}」を消す`} onClick={() => {
                const next = rows[place + 1] ?? rows[place - 1];
                onDeed({ deed: "remove", key: row.key }, t`「${name}」を消しました。まだ保存していません`);
                setFocus({ id: next ? `question-${next.key}` : "question-add", or: "question-add" });
              }}>{t`消す`}</button>
            </p>
          </li>
        );
      })}
    </ol>
  );
}
