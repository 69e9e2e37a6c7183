import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";
import { count } from "../../i18n";

/** What stands against a report, in a sentence. */
export function useProblemWords(): (problem: Schemas["AugustProblem"]) => string {
  const { t } = useLingui();
  return ({ code, count: many }) => {
    const words: Record<Schemas["AugustFault"], string> = {
      not_over: t`報告の期間がまだ終わっていません`,
      no_visits: t`期間中に診察がなく、報告は要りません`,
      unknown_place: t`患者の所在が分からない診察が ${count(many)} 件あります`,
      in_person_missing: t`対面診療の件数が ${count(many)} か月分入っていません`,
      arrangement_missing: t`対面診療の体制が ${count(many)} の地域について入っていません`,
      talk_style_missing: t`診療前相談の方法が入っていません`,
      not_in_effect: t`届出が有効でない日の診察 ${count(many)} 件は数えていません`,
      self_pay: t`自由診療 ${count(many)} 件は数えていません`,
    };
    return words[code];
  };
}

/** A count as it was typed; nothing where it is none. */
export function typed(text: string): number | undefined {
  const plain = text.normalize("NFKC").trim();
  return /^\d{1,7}$/.test(plain) ? Number(plain) : undefined;
}
