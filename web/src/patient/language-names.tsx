import { useLingui } from "@lingui/react/macro";
import { language } from "../i18n";
import type { Language } from "../i18n/language";

/** Language tags (`ja`, `en`, …) as a list in the page's language; a tag the browser cannot name stays as it is. */
export function languageNames(tags: string[], shown: Language): string {
  const names = tags.map((tag) => {
    try {
      return new Intl.DisplayNames([shown], { type: "language" }).of(tag) ?? tag;
    } catch {
      return tag;
    }
  });
  return names.join(shown === "ja" ? "、" : ", ");
}

export function LanguageNames({ tags }: { tags: string[] }) {
  const { t } = useLingui();
  return <span>{t`ことば: ${languageNames(tags, language())}`}</span>;
}
