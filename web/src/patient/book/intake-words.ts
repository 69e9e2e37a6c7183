import { useLingui } from "@lingui/react/macro";
import { language } from "../../i18n";
import { bothCalendars } from "../../i18n/wareki";
import type { Answer, Basis, ClinicQuestion, Source } from "./intake";

/** A text that comes in both languages, in the page's; Japanese where there is no English. */
export const inPage = (ja: string, en: string | undefined): string => (language() === "en" && en ? en : ja);

export const labelOf = (question: { label_ja: string; label_en: string }): string => inPage(question.label_ja, question.label_en);

/** Why a first visit may be online, in words. */
export function useBases(): { value: Basis; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "kakaritsuke", label: t`ふだんからこの医療機関にかかっている` },
    { value: "info_sufficient", label: t`医師が、過去の診療録や紹介状などを見られる` },
    { value: "pre_consultation", label: t`この医療機関で診療前相談を受けた` },
  ];
}

/** Where a doctor learns of a patient from, in words. */
export function useSources(): { value: Source; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "past_records", label: t`過去の診療録` },
    { value: "referral_letter", label: t`紹介状（診療情報提供書）` },
    { value: "checkup_result", label: t`健康診断の結果` },
    { value: "regional_network", label: t`地域医療情報ネットワーク` },
    { value: "medication_notebook", label: t`お薬手帳` },
    { value: "phr", label: t`PHR（スマートフォンなどの健康記録）` },
  ];
}

/** An answer in words, for the last look. */
export function useAnswerText(): (question: ClinicQuestion, answer: Answer | undefined) => string {
  const { t } = useLingui();
  return (question, answer) => {
    if (typeof answer === "boolean") return answer ? t`はい` : t`いいえ`;
    const named = (id: string) => {
      const option = question.options?.find((one) => one.id === id);
      return option ? labelOf(option) : id;
    };
    if (Array.isArray(answer)) return answer.map(named).join(language() === "ja" ? "、" : ", ");
    if (!answer) return t`（答えなし）`;
    if (question.kind === "date") return bothCalendars(answer, language());
    return question.kind === "choice" ? named(answer) : answer;
  };
}
