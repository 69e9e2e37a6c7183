import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Booking } from "../../api/client";

/** Whose visit it is, as far as everybody in it may know. */
export type Attending = Pick<Booking, "clinician" | "facility">;

/**
 * Who the physician is, since when registered, and where the clinic is and how to reach it: in view from the first
 * screen to the last, as the guideline on online care asks (identity of the physician, contact of the clinic).
 */
export function DoctorPanel({ booking }: { booking: Attending }) {
  const { t } = useLingui();
  const { clinician, facility } = booking;
  return (
    <aside className="doctor" aria-label={t`医師と医療機関`}>
      <p>
        {t`医師:`} <strong>{clinician.name}</strong>
        {t`（医籍登録 ${String(clinician.license_year)} 年）`}
      </p>
      <p>
        {facility.name} <a className="tel" href={`tel:${facility.telephone.replace(/[^\d+]/g, "")}`}>{t`電話 ${facility.telephone}`}</a>
      </p>
      <p className="small">{facility.address}</p>
    </aside>
  );
}

/** A screen of the visit, with who treats and how to reach the clinic below it, always in the same place. */
export function WithDoctor({ booking, children }: { booking: Attending; children: ReactNode }) {
  return (
    <>
      {children}
      <DoctorPanel booking={booking} />
    </>
  );
}
