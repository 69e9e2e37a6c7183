import type { Catalogue } from "../i18n/language";

/** Words of the patient's pages. */
export const words: Catalogue = (language) =>
  language === "ja" ? import("../locales/ja/patient.po") : import("../locales/en/patient.po");
