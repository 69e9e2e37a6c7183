import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { problemOf } from "../api/problem";
import { type Catalogue, language, startLanguage } from "../i18n/language";

/** Answers 4xx are final; only a silent network is tried again. */
const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: (failures, error) => failures < 2 && problemOf(error).status === 0, staleTime: 5_000 },
  },
});

/**
 * Answers hold sentences of the server: in another language they are asked for again. Those beside which somebody types,
 * or whose every reading is written down, stay as they are.
 */
function followLanguage(): void {
  let shown = language();
  i18n.on("change", () => {
    if (shown === language()) return;
    shown = language();
    queries.removeQueries({ type: "inactive" });
    void queries.invalidateQueries({ predicate: (query) => query.observers.every(({ options }) => options.staleTime !== Infinity) });
  });
}

/** Loads the words, then draws a page into `#root`. */
export async function start(page: ReactNode, words: Catalogue[]): Promise<void> {
  await startLanguage(words);
  followLanguage();
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={queries}>{page}</QueryClientProvider>
    </I18nProvider>,
  );
}
