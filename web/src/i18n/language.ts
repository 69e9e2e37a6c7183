import { i18n, type Messages } from "@lingui/core";

export const LANGUAGES = ["ja", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** One group of words: shared, patient or staff. */
export type Catalogue = (language: Language) => Promise<{ messages: Messages }>;

const KEY = "onshin.language";

const isLanguage = (value: unknown): value is Language => LANGUAGES.some((language) => language === value);

/** The saved choice, else the first of the browser's languages that we speak, else Japanese. */
export function preferredLanguage(saved: string | null, browser: readonly string[]): Language {
  if (isLanguage(saved)) return saved;
  for (const tag of browser) {
    const base = tag.toLowerCase().split("-")[0];
    if (isLanguage(base)) return base;
  }
  return "ja";
}

function saved(): string | null {
  try {
    return window.localStorage.getItem(KEY);
  } catch {
    return null; // storage may be switched off; the page works without it
  }
}

/** The language now shown. */
export function language(): Language {
  return isLanguage(i18n.locale) ? i18n.locale : "ja";
}

let catalogues: Catalogue[] = [];

/** Loads the words of a language and shows them. */
export async function show(wanted: Language): Promise<void> {
  const groups = await Promise.all(catalogues.map((load) => load(wanted)));
  // First: whatever asks the server anew when the words change asks in this language.
  document.documentElement.lang = wanted;
  i18n.loadAndActivate({ locale: wanted, messages: Object.assign({}, ...groups.map((group) => group.messages)) as Messages });
}

/** Remembers another language on this device, for whatever page comes next, and shows it. */
export async function choose(wanted: Language): Promise<void> {
  try {
    window.localStorage.setItem(KEY, wanted);
  } catch {
    // shown now, not remembered
  }
  await show(wanted);
}

/** Adds the words of pages that are fetched later; they follow a change of language like the others. */
export async function addWords(group: Catalogue): Promise<void> {
  if (catalogues.includes(group)) return;
  await group(language());
  catalogues = [...catalogues, group];
  await show(language());
}

/** To be awaited before the first render. */
export async function startLanguage(groups: Catalogue[]): Promise<void> {
  catalogues = groups;
  await show(preferredLanguage(saved(), navigator.languages));
}
