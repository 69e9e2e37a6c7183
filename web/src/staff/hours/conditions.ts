import { useLingui } from "@lingui/react/macro";
import type { Service } from "../../api/client";
import { addDays, dayName, language } from "../../i18n";
import type { Conditions } from "./stretches";

/** The weeks of a month a stretch can be limited to, counted from 1. */
export const WEEKS = [1, 2, 3, 4, 5] as const;

/** The weeks of a month that a bit pattern names. */
export const weeksIn = (pattern: number): number[] => WEEKS.filter((week) => ((pattern >> (week - 1)) & 1) === 1);

/** The name of a kind of visit in the language of the page. */
export const serviceName = (service: Pick<Service, "name_ja" | "name_en">): string => (language() === "ja" ? service.name_ja : service.name_en || service.name_ja);

/** When a stretch is kept, in words; empty where it is kept every week for everything. */
export function useConditionText(services: Service[]): (rest: Conditions) => string {
  const { t } = useLingui();
  const day = (date: string) => dayName(date, language());
  return (rest) => {
    const service = services.find((one) => one.id === rest.service_id);
    return [
      rest.weeks_of_month == null ? "" : weeksIn(rest.weeks_of_month).map((week) => t`第${week}`).join(t`・`),
      rest.alternate_from == null ? "" : t`1週おき（${day(rest.alternate_from)}の週から数えて）`,
      rest.valid_from == null ? "" : t`${day(rest.valid_from)}から`,
      // Stored is the first date on which it is not kept any more.
      rest.valid_until == null ? "" : t`${day(addDays(rest.valid_until, -1))}まで`,
      rest.service_id == null ? "" : t`${service ? serviceName(service) : ""}だけ`,
    ].filter(Boolean).join(t`、`);
  };
}
