import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";

export type ReceptionKind = Schemas["ReceptionKind"];

/** What kind of place a reception facility is, in words. */
export function useReceptionKinds(): { value: ReceptionKind; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "booth", label: t`ブース` },
    { value: "post_office", label: t`郵便局` },
    { value: "community_hall", label: t`公民館など` },
    { value: "vehicle", label: t`車両` },
    { value: "other", label: t`そのほか` },
  ];
}
