import { useLingui } from "@lingui/react/macro";
import type { Service } from "../api/client";

/** Until when a booking may be changed or cancelled, said before it is made. */
export function CutOffs({ service }: { service: Service }) {
  const { t } = useLingui();
  const before = (minutes: number) => {
    if (minutes === 0) return t`診察の時間まで`;
    if (minutes % 1440 === 0) return t`診察の ${minutes / 1440} 日前まで`;
    return minutes % 60 === 0 ? t`診察の ${minutes / 60} 時間前まで` : t`診察の ${minutes} 分前まで`;
  };
  return (
    <p>
      {t`時間の変更: ${before(service.change_cutoff_min)}。取り消し: ${before(service.cancel_cutoff_min)}。それより後は、医療機関に電話してください。`}
    </p>
  );
}
