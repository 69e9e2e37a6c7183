import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";

export type Grant = Schemas["SubsidyGrant"];

/** What the states of a grant are called. */
export function useStatusNames(): Record<Grant["status"], string> {
  const { t } = useLingui();
  return { applied: t`申請`, decided: t`交付決定`, refused: t`不交付`, withdrawn: t`取下げ`, reported: t`実績報告`, paid: t`支払済` };
}
