import { useLingui } from "@lingui/react/macro";
import { useEffect, useReducer, useState } from "react";
import { problemOf } from "../../api/problem";
import { Banner } from "../../ui/banner";
import { ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { labelOf } from "../../ui/question-words";
import { type Answers, QuestionFields } from "../desk/question-fields";
import { useCall } from "../use-call";
import { changed, type Deed, draftOf, freshId, hanging, keyAt, type Question, questionsOf, tidy, unsaved } from "./draft";
import { QuestionDialog } from "./question-dialog";
import { QuestionRows } from "./question-rows";

/** A list as the server gives it. */
export interface Kept {
  version?: number | null;
  questions: Question[];
}

type Put = (body: { version: number | null; questions: Question[] }) => Promise<{ data?: Kept; error?: unknown; response: Response }>;

const EMPTY: Omit<Question, "id" | "kind"> = { required: true, label_ja: "", label_en: "" };

/** A list of questions: added, changed, put in order, and kept as the next version. */
export function QuestionsEditor({ kept, template, flagsOnly, put, onDirty, onReload }: {
  kept: Kept;
  /** Questions that can be taken over with one press. */
  template: Question[];
  flagsOnly: boolean;
  put: Put;
  onDirty: (dirty: boolean) => void;
  onReload: () => void;
}) {
  const { t } = useLingui();
  const [version, setVersion] = useState(kept.version ?? null);
  const [draft, tell] = useReducer(changed, kept.questions, (questions) => draftOf(questions));
  const [open, setOpen] = useState<{ key: number | undefined; question: Question }>();
  const [errors, setErrors] = useErrors();
  const [said, setSaid] = useState("");
  const [saved, setSaved] = useState(false);
  const { busy, failure, forget, call } = useCall();
  const dirty = unsaved(draft);
  useEffect(() => { onDirty(dirty); }, [dirty, onDirty]);
  const questions = questionsOf(draft);
  const taken = questions.map((one) => one.id);
  const deed = (one: Deed, words: string) => {
    setSaved(false);
    setErrors([]);
    forget();
    setSaid(words);
    tell(one);
  };
  const placeOf = (key: number | undefined) => (key === undefined ? questions.length : draft.rows.findIndex((row) => row.key === key));
  const add = () => { setOpen({ key: undefined, question: { ...EMPTY, id: freshId("question", taken), kind: flagsOnly ? "red_flag" : "text" } }); };
  const save = async () => {
    setSaved(false);
    setSaid(dirty ? "" : t`変更はありません`);
    if (!dirty) return;
    const loose = hanging(draft).map((key) => ({ field: `question-${key}`, text: t`質問${placeOf(key) + 1}: 出すかどうかを決める質問が、前にありません` }));
    setErrors(loose);
    if (loose.length > 0) return;
    const body = { version, questions: questions.map(tidy) };
    const done = await call(async () => {
      const answer = await put(body);
      setErrors(problemOf(answer.error).fields.flatMap(({ pointer, detail }) => {
        const key = keyAt(draft, pointer);
        return key === undefined ? [] : [{ field: `question-${key}`, text: t`質問${placeOf(key) + 1}: ${detail}` }];
      }));
      return answer;
    });
    if (!done) return;
    setVersion(done.version ?? null);
    tell({ deed: "load", questions: done.questions });
    setSaved(true);
  };
  const offered = template.filter((one) => !taken.includes(one.id));
  return (
    <>
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      {failure && problemOf(failure).code === "stale" ? (
        <p><button type="button" className="button button-outline" onClick={onReload}>{t`今の内容を読み込む（入れた内容は消えます）`}</button></p>
      ) : null}
      {saved && version !== null ? <Banner kind="success" live title={t`第${version}版として保存しました。これからの予約では、この内容を聞きます`} /> : null}
      <p>{version === null ? t`まだありません。` : t`今の内容は第${version}版です。答えは、答えたときの版のまま残ります。`}</p>
      <p className="visually-hidden" role="status">{said}</p>
      <QuestionRows rows={draft.rows} errors={errors} hanging={hanging(draft)} onOpen={(row) => { setOpen(row); }} onDeed={deed} />
      <p className="buttons">
        <button type="button" id="question-add" className="button button-outline" onClick={add}>{flagsOnly ? t`症状を足す` : t`質問を足す`}</button>
      </p>
      {offered.length > 0 ? (
        <details>
          <summary>{t`ひな形から足す`}</summary>
          <ul className="plain">
            {offered.map((one) => (
              <li key={one.id}>
                <button type="button" className="link" onClick={() => {
                  deed({ deed: "add", question: tidy(one) }, t`「${labelOf(one)}」を足しました。まだ保存していません`);
                }}>{t`「${labelOf(one)}」を足す`}</button>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      {questions.length > 0 ? <Preview questions={questions} /> : null}
      <div className="save-bar">
        <button type="submit" className="button button-solid" disabled={busy}>{t`新しい版として保存する`}</button>
        {dirty ? (
          <>
            <span>{t`保存していない変更があります`}</span>
            <button type="button" className="link" onClick={() => { deed({ deed: "load", questions: draft.kept }, t`変更を捨てました`); }}>{t`変更を捨てる`}</button>
          </>
        ) : null}
      </div>
    </form>
    {/* A form of its own: not within the other. */}
    {open ? (
      <QuestionDialog key={open.key ?? "new"} question={open.question} isNew={open.key === undefined} flagsOnly={flagsOnly} earlier={questions.slice(0, placeOf(open.key))} onClose={() => { setOpen(undefined); }} onDone={(question) => {
        const words = labelOf(question);
        if (open.key === undefined) deed({ deed: "add", question }, t`「${words}」を足しました。まだ保存していません`);
        else deed({ deed: "put", key: open.key, question }, t`「${words}」を直しました。まだ保存していません`);
        setOpen(undefined);
      }} />
    ) : null}
    </>
  );
}

/** The questions as they are asked, to be tried out; nothing of it is kept. */
function Preview({ questions }: { questions: Question[] }) {
  const { t } = useLingui();
  const [answers, setAnswers] = useState<Answers>({});
  return (
    <details>
      <summary>{t`聞かれる側の画面で試す`}</summary>
      <div className="panel">
        <QuestionFields scope="answers" questions={questions} answers={answers} errors={[]} onChange={setAnswers} />
      </div>
    </details>
  );
}
