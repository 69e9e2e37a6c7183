import { useLingui } from "@lingui/react/macro";
import { Fragment } from "react";
import type { Schemas, Service } from "../../api/client";
import { clockOfMinutes, dayName, language } from "../../i18n";
import { TableFrame } from "../table-frame";
import { useConditionText } from "./conditions";
import type { Occurrence } from "./draft";
import { isReplaced, type Special, type Taken } from "./week";

/** What the calendar shows of a week, as a table: every day, every clinician. */
export function WeekTable({ dates, clinicians, services, hours, specials, taken }: {
  dates: string[];
  clinicians: Schemas["Clinician"][];
  services: Service[];
  hours: Occurrence[];
  specials: Special[];
  taken: Taken[];
}) {
  const { t } = useLingui();
  const words = useConditionText(services);
  const kinds: Record<Special["kind"], string> = {
    closed: t`休診`,
    closure: t`休診`,
    open: t`臨時の診療`,
    break: t`休憩`,
    holiday_closed: t`祝日 休診`,
    holiday_open: t`祝日 診療`,
  };
  const span = (one: { opens: number; closes: number }) => `${clockOfMinutes(one.opens)}–${clockOfMinutes(one.closes)}`;
  return (
    <TableFrame label={t`この週の診療時間`}>
      <table className="table stacked">
        <caption>{t`この週の診療時間`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`日付`}</th>
            <th scope="col">{t`医師`}</th>
            <th scope="col">{t`毎週の時間`}</th>
            <th scope="col">{t`この日だけのこと`}</th>
            <th scope="col">{t`予約`}</th>
          </tr>
        </thead>
        <tbody>
          {dates.map((date) => (
            <Fragment key={date}>
              {clinicians.map(({ id, name }) => {
                const mine = hours.filter((one) => one.date === date && one.clinician === id).sort((a, b) => a.opens - b.opens);
                const special = specials.filter((one) => one.date === date && (one.clinician === null || one.clinician === id));
                const booked = taken.filter((one) => one.date === date && one.clinician === id);
                return (
                  <tr key={id}>
                    <th scope="row" data-label={t`日付`}>{dayName(date, language())}</th>
                    <td data-label={t`医師`}>{name}</td>
                    <td data-label={t`毎週の時間`}>
                      {mine.length === 0 ? t`なし` : (
                        <ul className="plain">
                          {mine.map((one) => (
                            <li key={one.key}>
                              {isReplaced(specials, id, date) ? <s>{span(one)}</s> : span(one)} <span className="small">{words(one.rest)}</span>
                            </li>
                          ))}
                        </ul>
                      )}
                    </td>
                    <td data-label={t`この日だけのこと`}>
                      {special.map((one) => (
                        <span className="block" key={one.id}>{[kinds[one.kind], one.opens !== undefined && one.closes !== undefined ? span({ opens: one.opens, closes: one.closes }) : "", one.name].filter(Boolean).join(" ")}</span>
                      ))}
                    </td>
                    <td data-label={t`予約`}>{booked.length === 0 ? t`なし` : t`${booked.length} 件`}</td>
                  </tr>
                );
              })}
            </Fragment>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
