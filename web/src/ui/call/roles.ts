import { useLingui } from "@lingui/react/macro";
import type { Role } from "../../tele/messages";

/** What somebody is in a visit, in words. */
export function useRoleText(): (role: Role) => string {
  const { t } = useLingui();
  const words: Record<Role, string> = {
    clinician: t`医師`,
    staff: t`医療機関の職員`,
    patient: t`患者`,
    family_proxy: t`家族・代理の方`,
    nurse: t`看護師`,
    specialist: t`ほかの医師`,
    interpreter: t`通訳`,
    observer: t`見学の方`,
  };
  return (role) => words[role];
}

/** Those who come in only by the patient's consent. */
export const THIRD: readonly Role[] = ["interpreter", "nurse", "family_proxy", "specialist", "observer"];
