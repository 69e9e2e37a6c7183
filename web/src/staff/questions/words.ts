import { useLingui } from "@lingui/react/macro";
import { labelOf } from "../../ui/question-words";
import { type Answer, awaited, type Kind, type Question } from "./draft";

/** Kinds of questions in words, in the order in which they are offered. */
export function useKinds(): { value: Kind; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "text", label: t`文章で答える` },
    { value: "choice", label: t`1つ選ぶ` },
    { value: "multi", label: t`いくつでも選ぶ` },
    { value: "yes_no", label: t`はい・いいえ` },
    { value: "date", label: t`日付で答える` },
    { value: "number", label: t`数で答える` },
    { value: "red_flag", label: t`急いで受診が必要な症状（「はい」なら予約を止めて、電話を案内）` },
  ];
}

/** For whom a question is, in words. */
export function useAwaitedText(): (answer: Answer) => string {
  const { t } = useLingui();
  return ({ question, is }) => {
    const option = question.options?.find((one) => one.id === is);
    const given = is === true ? t`はい` : is === false ? t`いいえ` : option ? labelOf(option) : is;
    return t`「${labelOf(question)}」に「${given}」と答えた方`;
  };
}

/** What there is to say of a question below its words. */
export function useQuestionFacts(): (question: Question, earlier: Question[]) => string[] {
  const { t } = useLingui();
  const kinds = useKinds();
  const awaitedText = useAwaitedText();
  return (question, earlier) => {
    const answer = awaited(question, earlier);
    return [
      kinds.find((one) => one.value === question.kind)?.label ?? question.kind,
      ...(question.kind === "red_flag" || question.required ? [t`必ず答える`] : []),
      ...(answer ? [t`出す相手: ${awaitedText(answer)}`] : []),
      ...(question.options && question.options.length > 0 ? [t`選択肢: ${question.options.map(labelOf).join(t`・`)}`] : []),
    ];
  };
}
