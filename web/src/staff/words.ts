import type { Catalogue } from "../i18n/language";

/** Words of the pages of clinics and of the prefecture. */
export const words: Catalogue = (language) =>
  language === "ja" ? import("../locales/ja/staff.po") : import("../locales/en/staff.po");
