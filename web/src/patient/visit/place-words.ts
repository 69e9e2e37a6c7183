import { useLingui } from "@lingui/react/macro";
import { language, timeOf } from "../../i18n";
import type { QueuePlace } from "../../tele/messages";

/** Minutes as one says them: to the next five. */
export function roughly(minutes: number): number {
  return Math.ceil(minutes / 5) * 5;
}

/**
 * The own place in the queue in sentences, the most important first. Numbers only: nobody learns who the others are.
 * How late it is the clinic may have `told` itself: that is said once.
 */
export function usePlaceWords(zone: string): (place: QueuePlace, told: boolean) => string[] {
  const { t } = useLingui();
  return ({ position, ahead, expected_at, late_min }, told) => {
    const late = roughly(late_min ?? 0);
    return [
      position === 1 ? t`次はあなたの番です` : t`あなたは ${position} 番目です`,
      ...(ahead >= position ? [t`先生は、今ほかの方を診ています。`] : []),
      ...(late > 0 && !told ? [t`${late} 分ほど おくれています。`] : []),
      ...(expected_at && (late > 0 || ahead > 0) ? [t`${timeOf(expected_at, zone, language())} ごろの見込みです。`] : []),
    ];
  };
}
