import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";
import { dayName, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { TableFrame } from "../table-frame";

type Edit = Schemas["HoursEdit"];

/** What the clinic does on holidays: on all of them, on those of a name, on one of them. */
export function HolidaysTable({ holidays, onPropose }: { holidays: Schemas["HolidayList"]; onPropose: (edits: Edit[]) => void }) {
  const { t } = useLingui();
  const isOpen = holidays.on_holidays === "open";
  const day = (date: string) => dayName(date, language());
  return (
    <>
      <p>
        {isOpen ? t`祝日は、ふだんどおり診療します。` : t`祝日は休診です。`}{" "}
        <button type="button" className="button button-outline button-small" onClick={() => { onPropose([{ kind: "on_holidays", open: !isOpen }]); }}>
          {isOpen ? t`祝日を休診にする` : t`祝日も診療する`}
        </button>
      </p>
      <TableFrame label={t`祝日`}>
        <table className="table stacked">
          <caption className="visually-hidden">{t`祝日`}</caption>
          <thead>
            <tr>
              <th scope="col">{t`日付`}</th>
              <th scope="col">{t`祝日`}</th>
              <th scope="col">{t`診療`}</th>
              <th scope="col">{t`操作`}</th>
            </tr>
          </thead>
          <tbody>
            {holidays.items.map((one) => (
              <tr key={one.date}>
                <th scope="row" data-label={t`日付`}>{day(one.date)}</th>
                <td data-label={t`祝日`}>{one.name}</td>
                <td data-label={t`診療`}>
                  {one.open ? t`診療` : t`休診`}
                  <span className="small block">{one.by === "date" ? t`この日だけの選択` : one.by === "name" ? t`毎年の選択` : ""}</span>
                </td>
                <td data-label={t`操作`} className="row-actions">
                  <button type="button" className="link" aria-label={one.open ? t`${day(one.date)} だけ休診にする` : t`${day(one.date)} だけ診療する`} onClick={() => { onPropose([{ kind: "holiday", date: one.date, open: !one.open }]); }}>
                    {one.open ? t`この日だけ休診にする` : t`この日だけ診療する`}
                  </button>
                  <button type="button" className="link" aria-label={one.open ? t`${one.name} を毎年休診にする（${day(one.date)}）` : t`${one.name} に毎年診療する（${day(one.date)}）`} onClick={() => { onPropose([{ kind: "holiday", name: one.name, open: !one.open }]); }}>
                    {one.open ? t`毎年休診にする` : t`毎年診療する`}
                  </button>
                  {one.by === "default" ? null : (
                    <button type="button" className="link" aria-label={t`${day(one.date)} の選択をやめる`} onClick={() => { onPropose([{ kind: "holiday", open: null, ...(one.by === "date" ? { date: one.date } : { name: one.name }) }]); }}>
                      {t`選択をやめる`}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {holidays.known_until ? <Banner kind="info"><p>{t`祝日は ${day(holidays.known_until)}（${holidays.known_until.slice(0, 4)}年）まで分かっています。`}</p></Banner> : null}
    </>
  );
}
