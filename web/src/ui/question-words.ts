import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../api/client";
import { language } from "../i18n";
import { bothCalendars } from "../i18n/wareki";

/** A text that comes in both languages, in the page's; Japanese where there is no English. */
export const inPage = (ja: string, en: string | undefined): string => (language() === "en" && en ? en : ja);

export const labelOf = (question: { label_ja: string; label_en: string }): string => inPage(question.label_ja, question.label_en);

/** Whether nothing was said. */
export const isEmptyAnswer = (answer: unknown): boolean => answer == null || answer === "" || (Array.isArray(answer) && answer.length === 0);

/** An answer to a question in words, as whoever reads the other's answers sees it. */
export function useAnswerText(): (question: Schemas["Question"], answer: unknown) => string {
  const { t } = useLingui();
  return (question, answer) => {
    if (typeof answer === "boolean") return answer ? t`はい` : t`いいえ`;
    const named = (id: unknown) => {
      const option = question.options?.find((one) => one.id === id);
      return option ? labelOf(option) : String(id);
    };
    if (isEmptyAnswer(answer)) return t`（答えなし）`;
    if (Array.isArray(answer)) return answer.map(named).join(language() === "ja" ? "、" : ", ");
    if (question.kind === "date") return bothCalendars(String(answer), language());
    return question.kind === "choice" ? named(answer) : String(answer);
  };
}
