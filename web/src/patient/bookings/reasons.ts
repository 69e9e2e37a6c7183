import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";

/** Why a patient calls a visit off. */
export function useCancelReasons(): { value: Schemas["CancelReason"]; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "no_longer_needed", label: t`受診の必要がなくなった` },
    { value: "feeling_better", label: t`よくなった` },
    { value: "other_clinic", label: t`ほかの医療機関にかかる` },
    { value: "mistake", label: t`まちがえて予約した` },
    { value: "other", label: t`その他` },
  ];
}
