import { useLingui } from "@lingui/react/macro";
import type { FeeKind } from "./fees";

/** What a fee is for, in words. */
export function useFeeKinds(): { value: FeeKind; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "consultation", label: t`診察` },
    { value: "system_usage_fee", label: t`システム利用料` },
    { value: "pre_consultation_fee", label: t`診療前相談` },
    { value: "prescription_fee", label: t`処方箋` },
    { value: "delivery_fee", label: t`薬や書類の送料` },
    { value: "document_fee", label: t`文書` },
    { value: "reservation_fee", label: t`予約料` },
    { value: "other", label: t`その他` },
  ];
}

/** Rows of the table of points of insured care by video, in words. */
export function usePoints(): { value: string; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "first_visit_ict", label: t`初診料（情報通信機器）` },
    { value: "first_visit_ict_second_department", label: t`初診料（情報通信機器・2つ目の診療科）` },
    { value: "repeat_visit_ict", label: t`再診料（情報通信機器）` },
    { value: "repeat_visit_ict_second_department", label: t`再診料（情報通信機器・2つ目の診療科）` },
    { value: "outpatient_ict", label: t`外来診療料（情報通信機器）` },
  ];
}
