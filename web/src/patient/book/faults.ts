import { useLingui } from "@lingui/react/macro";
import { useDateFault } from "../../ui/birth-date";
import type { FieldError } from "../../ui/errors";
import { controlOf, type Fault, type FaultAt, SYMPTOMS_MAX } from "./draft";
import type { Asked } from "./intake";
import { labelOf } from "../../ui/question-words";

/** Sentences for what is wrong, the same in the summary and beside the field. */
export function useFaultTexts(asked: Asked): (faults: FaultAt[]) => FieldError[] {
  const { t } = useLingui();
  const date = useDateFault();
  const words = (fault: Fault, label: string): string => {
    switch (fault) {
      case "for_whom":
        return t`どなたの受診か選んでください`;
      case "relation":
        return t`ご関係を選んでください`;
      case "booker_name":
        return t`予約する方のお名前を入れてください`;
      case "name":
        return t`お名前を入れてください`;
      case "kana":
        return t`フリガナを入れてください`;
      case "kana_letters":
        return t`フリガナはカタカナかローマ字で入れてください`;
      case "phone":
        return t`電話番号を入れてください`;
      case "phone_form":
        return t`電話番号は 03-1234-5678 や 090-1234-5678 のように入れてください`;
      case "email_form":
        return t`メールアドレスは name@example.jp のように入れてください`;
      case "symptoms":
        return t`ご相談の内容を入れてください`;
      case "symptoms_long":
        return t`ご相談の内容は ${SYMPTOMS_MAX} 文字までにしてください`;
      case "basis":
        return t`あてはまるものを選んでください`;
      case "sources":
        return t`医師が見られる情報を一つ以上選んでください`;
      case "last_in_person":
        return t`最後に来院した日を入れてください`;
      case "unanswered":
        return t`「${label}」に答えてください`;
      case "too_long":
        return t`「${label}」の答えが長すぎます`;
      case "not_a_number":
        return t`「${label}」は数字で入れてください`;
      case "out_of_range":
        return t`「${label}」の数を確かめてください`;
      default:
        return date(fault);
    }
  };
  const labels = new Map([
    ...(asked.red_flags?.questions ?? []).map((question) => [controlOf("flags", question.id), labelOf(question)] as const),
    ...asked.questions.map((question) => [controlOf("clinic", question.id), labelOf(question)] as const),
  ]);
  return (faults) => faults.map(({ field, fault }) => ({ field, text: words(fault, labels.get(field) ?? "") }));
}
