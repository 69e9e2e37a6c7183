import { useLingui } from "@lingui/react/macro";
import { choose, type Language } from "../i18n/language";

const NAMES: Record<Language, string> = { ja: "日本語", en: "English" };

/** Each language in its own words; the one shown is marked. */
export function LanguageSwitch() {
  const { i18n, t } = useLingui();
  return (
    <nav className="languages" aria-label={t`言語`}>
      {(Object.keys(NAMES) as Language[]).map((tag) => (
        <button type="button" key={tag} lang={tag} aria-pressed={i18n.locale === tag} className="language" onClick={() => { void choose(tag); }}>
          {NAMES[tag]}
        </button>
      ))}
    </nav>
  );
}
