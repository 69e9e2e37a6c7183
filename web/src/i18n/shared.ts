import type { Catalogue } from "./language";

/** Words of the parts that patients and staff share. */
export const shared: Catalogue = (language) =>
  language === "ja" ? import("../locales/ja/shared.po") : import("../locales/en/shared.po");
