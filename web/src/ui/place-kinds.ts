import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../api/client";

export type PlaceKind = Schemas["VisitPlace"]["kind"];

/** What kinds of places a patient can be at (guideline V2(2)). */
export function usePlaceKinds(): { value: PlaceKind; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "home", label: t`自宅` },
    { value: "workplace", label: t`職場` },
    { value: "care_facility", label: t`介護施設など` },
    { value: "online_care_facility", label: t`オンライン診療受診施設` },
    { value: "clinic_without_doctor", label: t`医師のいない診療所` },
    { value: "other", label: t`そのほか` },
  ];
}
