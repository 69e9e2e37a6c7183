import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";
import { clockOfMinutes, dayName, language } from "../../i18n";
import { TableFrame } from "../table-frame";

/** 「12月29日」 / "29 December" of a day of every year. */
const monthDayName = (text: string): string =>
  new Date(`2024-${text}T00:00:00Z`).toLocaleDateString(language() === "ja" ? "ja-JP" : "en-GB", { month: "long", day: "numeric", timeZone: "UTC" });

/** The closures and single dates that were decided, each with a way back. */
export function ClosedDaysTable({ exceptions, closures, clinicians, onPropose }: {
  exceptions: Schemas["Exception"][];
  closures: Schemas["Closure"][];
  clinicians: Schemas["Clinician"][];
  onPropose: (edits: Schemas["HoursEdit"][]) => void;
}) {
  const { t } = useLingui();
  const who = (id: string | null | undefined) => (id ? (clinicians.find((one) => one.id === id)?.name ?? "") : t`医療機関全体`);
  const kinds: Record<Schemas["ExceptionKind"], string> = { closed: t`休診`, open: t`臨時の診療`, break: t`休憩` };
  const span = (one: Schemas["Exception"]) => (one.opens != null && one.closes != null ? ` ${clockOfMinutes(one.opens)}–${clockOfMinutes(one.closes)}` : "");
  const rows = [
    ...closures.map((one) => ({
      id: one.id,
      when: one.yearly ? t`毎年 ${monthDayName(one.yearly.from)}から${monthDayName(one.yearly.to)}` : one.dates ? t`${dayName(one.dates.from, language())}から${dayName(one.dates.to, language())}` : "",
      who: who(one.clinician_id),
      what: t`休診`,
      note: one.name,
      edit: { kind: "remove_closure" as const, closure_id: one.id },
    })),
    ...exceptions.map((one) => ({
      id: one.id,
      when: dayName(one.date, language()),
      who: who(one.clinician_id),
      what: `${kinds[one.kind]}${span(one)}`,
      note: one.note,
      edit: { kind: "remove_exception" as const, exception_id: one.id },
    })),
  ];
  if (rows.length === 0) return <p>{t`これからの休診日はありません。`}</p>;
  return (
    <TableFrame label={t`決めてある日`}>
      <table className="table stacked">
        <caption className="visually-hidden">{t`決めてある日`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`日付`}</th>
            <th scope="col">{t`だれの`}</th>
            <th scope="col">{t`内容`}</th>
            <th scope="col">{t`名前・メモ`}</th>
            <th scope="col">{t`操作`}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row" data-label={t`日付`}>{row.when}</th>
              <td data-label={t`だれの`}>{row.who}</td>
              <td data-label={t`内容`}>{row.what}</td>
              <td data-label={t`名前・メモ`}>{row.note}</td>
              <td data-label={t`操作`}>
                <button type="button" className="link" aria-label={t`${row.when} を元に戻す`} onClick={() => { onPropose([row.edit]); }}>{t`元に戻す`}</button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
