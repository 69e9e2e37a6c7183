import { useLingui } from "@lingui/react/macro";
import type { Booking } from "../api/client";

/** A booking's status in words. */
export function useStatusText(): (status: Booking["status"]) => string {
  const { t } = useLingui();
  return (status) => {
    switch (status) {
      case "held":
        return t`時間をおさえています`;
      case "booked":
        return t`予約済み`;
      case "checked_in":
        return t`受付済み`;
      case "in_progress":
        return t`診察中`;
      case "fulfilled":
        return t`診察が終わりました`;
      case "cancelled":
        return t`取り消し`;
      case "expired":
        return t`期限切れ`;
      case "no_show":
        return t`来られませんでした`;
      case "doctor_absent":
        return t`医師の都合で行われませんでした`;
      case "requested":
        return t`医療機関の確認を待っています`;
      case "declined":
        return t`医療機関が受けられませんでした`;
      case "aborted":
        return t`接続できず中止`;
      case "converted":
        return t`来院での診察へ変更`;
    }
  };
}
