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
