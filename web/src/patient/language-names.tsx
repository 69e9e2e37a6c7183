import { useLingui } from "@lingui/react/macro";
import { language } from "../i18n";

/** Language tags (`ja`, `en`, …) as words of the page's language; a tag the browser cannot name stays as it is. */
export function languageNames(tags: string[], shown: string): string[] {
  return tags.map((tag) => {
    try {
      return new Intl.DisplayNames([shown], { type: "language" }).of(tag) ?? tag;
    } catch {
      return tag;
    }
  });
}

export function LanguageNames({ tags }: { tags: string[] }) {
  const { t } = useLingui();
  return <span>{t`ことば: ${languageNames(tags, language()).join("、")}`}</span>;
}
