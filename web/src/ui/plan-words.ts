import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../api/client";

export type Section = keyof Schemas["CarePlanSections"];

/** The nine sections of a plan of online care, in the guideline's order (V1(3)). */
export function usePlanSections(): { section: Section; title: string }[] {
  const { t } = useLingui();
  return [
    { section: "content", title: t`1. 診療の内容（病気と治療）` },
    { section: "in_person_combination", title: t`2. 対面診療・検査との組み合わせ` },
    { section: "booking", title: t`3. 診療の時間と予約` },
    { section: "method", title: t`4. 使う機器とシステム` },
    { section: "conditions_to_stop", title: t`5. オンライン診療を行わない・中止するとき` },
    { section: "patient_cooperation", title: t`6. 患者さんにご協力いただくこと` },
    { section: "emergency_response", title: t`7. 急に悪くなったとき` },
    { section: "doctors", title: t`8. 担当する医師` },
    { section: "security_responsibility", title: t`9. 情報を守る責任` },
  ];
}
