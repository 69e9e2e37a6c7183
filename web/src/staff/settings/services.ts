import { api, type Schemas } from "../../api/client";
import { useAccount } from "../account";

/** The kinds of visit of one's own facility. */
export function useServices(): { items: Schemas["Service"][] | undefined; isPending: boolean; error: unknown; refetch: () => unknown } {
  const account = useAccount();
  const query = api.useQuery("get", "/api/facilities/{id}", { params: { path: { id: account.facility?.id ?? "" } } });
  return { items: query.data?.services, isPending: query.isPending, error: query.error, refetch: query.refetch };
}
