/** Languages, and how times, dates and numbers are written in them. */
export * from "./i18n/format";
export { language, LANGUAGES } from "./i18n/language";
export type { Language } from "./i18n/language";
