import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";

/** Why staff set aside notice, horizon or a cut-off; the reason is kept. */
export function useOverrideReasons(): { value: Schemas["OverrideReason"]; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "urgent", label: t`急いで診る必要がある` },
    { value: "continuing_care", label: t`治療を続けるため` },
    { value: "patient_needs", label: t`患者さんの事情` },
    { value: "clinic_caused", label: t`医療機関の都合` },
    { value: "system_failure", label: t`システムの不具合` },
  ];
}

/** On what a first visit may rest. */
export function useBases(): { value: Schemas["FirstVisitBasis"]; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "kakaritsuke", label: t`かかりつけの医師` },
    { value: "info_sufficient", label: t`医学的情報が十分にある` },
    { value: "pre_consultation", label: t`診療前相談で合意した` },
  ];
}

/** Which information on a patient there may be. */
export function useSources(): { value: Schemas["Source"]; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "past_records", label: t`これまでの診療の記録` },
    { value: "referral_letter", label: t`診療情報提供書（紹介状）` },
    { value: "checkup_result", label: t`健康診断の結果` },
    { value: "regional_network", label: t`地域医療情報ネットワーク` },
    { value: "medication_notebook", label: t`お薬手帳` },
    { value: "phr", label: t`PHR（本人の健康記録）` },
  ];
}

/** Why staff call a visit off. */
export function useCancelReasons(): { value: Schemas["CancelReason"]; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "clinic_unavailable", label: t`医療機関の都合` },
    { value: "no_longer_needed", label: t`受診の必要がなくなった` },
    { value: "other_clinic", label: t`ほかの医療機関にかかる` },
    { value: "mistake", label: t`予約のまちがい` },
    { value: "other", label: t`その他` },
  ];
}

/** Why a request is declined; the patient is told. */
export function useDeclineReasons(): { value: Schemas["DeclineReason"]; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "in_person_needed", label: t`来院が必要` },
    { value: "not_suitable", label: t`オンライン診療に向かない` },
    { value: "clinic_unavailable", label: t`医療機関の都合` },
    { value: "duplicate", label: t`予約が重なっている` },
    { value: "other", label: t`その他` },
  ];
}
