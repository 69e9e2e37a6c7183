import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";
import { language } from "../../i18n";
import { bothCalendars } from "../../i18n/wareki";

export type Kind = Schemas["FilingKind"];
export type State = Schemas["FilingState"];
export type Step = Schemas["FilingStep"];
export type Whole = Schemas["FilingWhole"];
export type Check = Schemas["FilingCheck"];

/** The text in the language of the page. */
export const said = (text: { ja: string; en: string }): string => (language() === "ja" ? text.ja : text.en);

/** A day in both ways of writing it; a dash where there is none. */
export const day = (date: string | null | undefined): string => (date ? bothCalendars(date, language()) : "―");

/** The kinds of notification, short. */
export function useKindNames(): Record<Kind, string> {
  const { t } = useLingui();
  return { criterion: t`施設基準の届出`, online_care: t`オンライン診療の届出`, reception_facility: t`受診施設の届出` };
}

/** Where a notification stands, in words. */
export function useStateNames(): Record<State, string> {
  const { t } = useLingui();
  return {
    draft: t`下書き`,
    submitted: t`提出済み`,
    returned_for_correction: t`補正のため返却`,
    resubmitted: t`再提出済み`,
    accepted: t`受理`,
    in_effect: t`有効`,
    changed: t`変更済み`,
    withdrawn: t`取り下げ・辞退`,
    revoked: t({ message: "取り消し", context: "filing" }),
  };
}

/** What was done, in words. */
export function useStepNames(): Record<Step, string> {
  const { t } = useLingui();
  return {
    submit: t`提出`,
    return: t`返却`,
    resubmit: t`再提出`,
    accept: t`受理する（記録）`,
    take_effect: t`有効になった`,
    change: t`新しい届出に替わった`,
    withdraw: t`取り下げ`,
    revoke: t({ message: "取り消し", context: "filing" }),
  };
}

/** What has a deadline, in words. */
export function useDutyNames(): Record<Schemas["FilingDuty"], string> {
  const { t } = useLingui();
  return { online_care: t`オンライン診療の届出（医療法）`, self_check: t`施設基準の自己点検`, correction: t`返却された届出の補正` };
}

/** Which letter of a deadline, in words. */
export function useStageNames(): Record<Schemas["LetterStage"], string> {
  const { t } = useLingui();
  return { month: t`30日前のお知らせ`, week: t`7日前のお知らせ`, passed: t`過ぎた後のお知らせ` };
}

/** How many days are left, in words. */
export function useDaysLeft(): (days: number) => string {
  const { t } = useLingui();
  return (days) => {
    if (days > 0) return t`あと${days}日`;
    if (days === 0) return t`今日まで`;
    return t`${-days}日過ぎています`;
  };
}

/** The id of the control that an error points to: `/form/manager` → `form-manager`. */
export const controlOf = (pointer: string): string => pointer.replace(/^\//, "").replaceAll("/", "-");
