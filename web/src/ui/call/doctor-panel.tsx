import { useLingui } from "@lingui/react/macro";
import type { Visit } from "../../api/client";

/**
 * Who the physician is, since when registered, and how to reach the clinic: in view from the waiting room to the
 * end, as the guideline on online care asks (identity of the physician, contact of the clinic).
 */
export function DoctorPanel({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  return (
    <aside className="doctor" aria-label={t`医師と医療機関`}>
      <p>
        {t`医師:`} <strong>{visit.booking.clinician.name}</strong>
        {t`（医籍登録 ${String(visit.booking.clinician.license_year)} 年）`}
      </p>
      <p>
        {visit.booking.facility.name} <a className="tel" href={`tel:${visit.booking.facility.telephone.replace(/[^\d+]/g, "")}`}>{t`電話 ${visit.booking.facility.telephone}`}</a>
      </p>
    </aside>
  );
}
