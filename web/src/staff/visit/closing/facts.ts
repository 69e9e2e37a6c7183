import type { Schemas } from "../../../api/client";

export type Outcome = Schemas["CloseWish"]["outcome"];
export type Facts = Schemas["ClosingFacts"];
export type Suggested = Schemas["ClosingSuggested"];

/** What the fields of the form hold: texts as they are typed. */
export interface Entry {
  guideline: boolean;
  billing: boolean;
  known: boolean;
  medicines: boolean;
  kind: Facts["prescription"]["kind"];
  days: string;
  narcotic: boolean;
  psychotropic: boolean;
  highRisk: boolean;
  number: string;
  policy: string;
  conversion: NonNullable<Facts["conversion_reason"]> | "";
  referral: Schemas["Referral"]["reason"] | "";
  referredTo: string;
  patientPrefecture: string;
  place: Facts["doctor_place"];
  doctorPrefecture: string;
  access: NonNullable<Facts["record_access"]> | "";
  next: string;
  nurse: string;
}

/** Whether care took place, so that there is something to say of it. */
export const tookPlace = (outcome: Outcome | ""): boolean => outcome === "done" || outcome === "converted_to_in_person";

/** The form as the server suggests it. */
export function entryOf(suggested: Suggested): Entry {
  return {
    guideline: suggested.guideline_first_visit,
    billing: suggested.billing_first_visit,
    known: suggested.underlying_info_known,
    medicines: false,
    kind: "none",
    days: "",
    narcotic: false,
    psychotropic: false,
    highRisk: false,
    number: "",
    policy: "",
    conversion: "",
    referral: "",
    referredTo: "",
    patientPrefecture: suggested.patient_prefecture ?? "",
    place: suggested.doctor_place,
    doctorPrefecture: suggested.doctor_prefecture ?? "",
    access: suggested.record_access ?? "",
    next: "",
    nurse: "",
  };
}

/** What is sent: only what belongs to this outcome and this prescription. What the patient said of the place is known. */
export function factsOf(entry: Entry, outcome: Outcome, known?: string | null): Facts {
  const prescribed = entry.kind !== "none";
  const outside = entry.place !== "clinic";
  const days = /^\d{1,4}$/.test(entry.days.trim()) ? Number(entry.days.trim()) : undefined;
  return {
    guideline_first_visit: entry.guideline,
    billing_first_visit: entry.billing,
    underlying_info_known: entry.known,
    medications_confirmed: entry.medicines,
    prescription: prescribed
      ? { kind: entry.kind, ...(days === undefined ? {} : { days }), narcotic: entry.narcotic, psychotropic: entry.psychotropic, high_risk: entry.highRisk }
      : { kind: "none" },
    ...(entry.kind === "electronic" && entry.number.trim() ? { exchange_number: entry.number.trim() } : {}),
    ...(entry.policy.trim() ? { onward_policy: entry.policy.trim() } : {}),
    ...(outcome === "converted_to_in_person" && entry.conversion ? { conversion_reason: entry.conversion } : {}),
    ...(entry.referral ? { referral: { reason: entry.referral, to: entry.referredTo.trim() } } : {}),
    ...(entry.patientPrefecture && entry.patientPrefecture !== known ? { patient_prefecture: entry.patientPrefecture } : {}),
    doctor_place: entry.place,
    ...(outside && entry.doctorPrefecture ? { doctor_prefecture: entry.doctorPrefecture } : {}),
    ...(outside && entry.access ? { record_access: entry.access } : {}),
    ...(entry.next ? { next_booking_id: entry.next } : {}),
    ...(entry.nurse.trim() ? { nurse_acts: entry.nurse.trim() } : {}),
  };
}

/** Before the ids of the basis's controls: what was asked before the visit may be open beside the form. */
export const BASIS = "closing-";

/** The id of the control for what the server names by a pointer. */
export const fieldOf = (pointer: string): string =>
  pointer === "/clearance/medical_information" ? `${BASIS}first_visit_basis` : pointer.replace(/^\/(facts\/)?/, "").replaceAll("/", "-");
