import type { FacilityCard, Service } from "../api/client";
import type { Language } from "../i18n";

/** The name of a kind of visit in the page's language. */
export const nameOf = (service: Service, language: Language): string =>
  language === "en" && service.name_en ? service.name_en : service.name_ja;

/** What it costs, in the page's language. */
export const feeOf = (service: Service, language: Language): string =>
  language === "en" && service.fee_note_en ? service.fee_note_en : service.fee_note_ja;

/** The clinic's name in the page's language. */
export const clinicName = (facility: Pick<FacilityCard, "name" | "name_en">, language: Language): string =>
  language === "en" && facility.name_en ? facility.name_en : facility.name;
