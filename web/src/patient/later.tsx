import { useQuery } from "@tanstack/react-query";
import { addWords } from "../i18n/language";
import { QueryState } from "../ui/query-state";
import { laterWords } from "./words";

/** The pages that follow the choice of a time, with their words: the first pages do without them. */
async function load() {
  const [pages] = await Promise.all([import("./later-pages"), addWords(laterWords)]);
  return pages;
}

/** Fetches the later pages ahead of need. */
export const useLater = () => useQuery({ queryKey: ["later-pages"], queryFn: load, staleTime: Infinity, gcTime: Infinity, structuralSharing: false });

/** One of the later pages; while it is on its way, that is said. */
export function Later({ page }: { page: keyof Awaited<ReturnType<typeof load>> }) {
  const query = useLater();
  if (!query.data) return <QueryState query={query} />;
  const Page = query.data[page];
  return <Page />;
}
