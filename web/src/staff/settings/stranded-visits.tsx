import { useLingui } from "@lingui/react/macro";
import { dayAndTime, language } from "../../i18n";
import { CLINIC_ZONE } from "../today-page";

/** The visits that a change would strand, and the way to make it all the same. */
export function StrandedVisits({ visits, busy, onKeep }: { visits: { number: string; start: string }[]; busy: boolean; onKeep: () => void }) {
  const { t } = useLingui();
  if (visits.length === 0) return null;
  return (
    <>
      <ul>
        {visits.map((one) => <li key={one.number}>{dayAndTime(one.start, CLINIC_ZONE, language())} {one.number}</li>)}
      </ul>
      <p><button type="button" className="button button-outline" disabled={busy} onClick={onKeep}>{t`予約はこのままにして保存する`}</button></p>
    </>
  );
}
