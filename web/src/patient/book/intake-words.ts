import { useLingui } from "@lingui/react/macro";
import type { Basis, Source } from "./intake";

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
