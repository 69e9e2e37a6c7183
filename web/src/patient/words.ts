import type { Catalogue } from "../i18n/language";

/** Words of the patient's first pages, and of the day of the visit. */
export const words: Catalogue = (language) =>
  language === "ja" ? import("../locales/ja/patient.po") : import("../locales/en/patient.po");

/** Words of what comes after a time was chosen; fetched with those pages. */
export const laterWords: Catalogue = (language) =>
  language === "ja" ? import("../locales/ja/book.po") : import("../locales/en/book.po");
