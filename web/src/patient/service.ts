import type { Service } from "../api/client";
import type { Language } from "../i18n";

/** The name of a kind of visit in the page's language. */
export const nameOf = (service: Service, language: Language): string =>
  language === "en" && service.name_en ? service.name_en : service.name_ja;

/** What it costs, in the page's language. */
export const feeOf = (service: Service, language: Language): string =>
  language === "en" && service.fee_note_en ? service.fee_note_en : service.fee_note_ja;
