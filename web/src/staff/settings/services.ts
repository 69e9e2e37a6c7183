import { api, type Schemas } from "../../api/client";

/** The kinds of visit of one's own facility. */
export function useServices(): { items: Schemas["ClinicService"][] | undefined; isPending: boolean; error: unknown; refetch: () => unknown } {
  const query = api.useQuery("get", "/api/clinic/services");
  return { items: query.data?.items, isPending: query.isPending, error: query.error, refetch: query.refetch };
}
