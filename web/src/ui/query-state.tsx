import { Failure } from "./errors";
import { Busy } from "./page";

/** What there is to say of a query that has no answer (yet). */
export function QueryState({ query }: { query: { isPending: boolean; error: unknown; refetch: () => unknown } }) {
  if (query.isPending) return <Busy />;
  return query.error ? <Failure error={query.error} retry={() => { void query.refetch(); }} /> : null;
}
