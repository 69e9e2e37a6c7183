import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { client, type Schemas } from "../../api/client";
import { dayAndTime, language, timeOf } from "../../i18n";
import { Banner } from "../../ui/banner";
import { Failure } from "../../ui/errors";
import { SelectField } from "../../ui/fields";
import { useNow } from "../../ui/now";
import { TableFrame } from "../table-frame";
import { CLINIC_ZONE } from "../today-page";
import { useCall } from "../use-call";

export type Change = Schemas["HoursChange"];
type Edit = Schemas["HoursEdit"];

/** How long a change can be undone before the patients are told, in minutes. */
const WAITS = ["0", "10", "30", "60", "180"] as const;

/**
 * Changes of the calendar, whatever they are: planned first, shown with the visits they strand, applied,
 * and undone until the patients have been told. What strands nobody is applied at once.
 */
export function useChange(onChanged: () => void): {
  change: Change | undefined;
  busy: boolean;
  failure: unknown;
  propose: (edits: Edit[]) => Promise<void>;
  apply: (planned: Change, wait: number) => Promise<void>;
  undo: (change: Change) => Promise<void>;
  keep: (change: Change, booking: string) => Promise<void>;
  drop: () => void;
} {
  const [change, setChange] = useState<Change>();
  const { busy, failure, forget, call } = useCall();
  const applied = async (planned: Change, wait: number) => {
    const done = await call(() => client.POST("/api/clinic/hours-changes/{id}/apply", { params: { path: { id: planned.id } }, body: { version: planned.version, send_after_min: wait } }));
    if (!done) return;
    setChange(done);
    onChanged();
  };
  return {
    change,
    busy,
    failure,
    propose: async (edits) => {
      setChange(undefined);
      const planned = await call(() => client.POST("/api/clinic/hours-changes", { body: { edits } }));
      if (!planned) return;
      if (planned.counts.stranded === 0) await applied(planned, 0);
      else setChange(planned);
    },
    apply: applied,
    undo: async (one) => {
      const undone = await call(() => client.POST("/api/clinic/hours-changes/{id}/undo", { params: { path: { id: one.id } }, body: { version: one.version } }));
      if (!undone) return;
      setChange(undone);
      onChanged();
    },
    keep: async (one, booking) => {
      const kept = await call(() => client.POST("/api/clinic/hours-changes/{id}/visits/{booking}/keep", { params: { path: { id: one.id, booking } } }));
      if (kept) setChange(kept);
    },
    drop: () => {
      forget();
      setChange(undefined);
    },
  };
}

/** What a change does, before and after it is made. */
export function ChangePanel({ flow, done }: { flow: ReturnType<typeof useChange>; done?: string }) {
  const { t } = useLingui();
  const { change, failure } = flow;
  return (
    <>
      {failure ? <Failure error={failure} /> : null}
      {change?.state === "draft" ? <Preview key={change.id} change={change} flow={flow} /> : null}
      {change?.state === "applied" ? <Applied key={change.id} change={change} flow={flow} done={done ?? t`変更しました`} /> : null}
      {change?.state === "undone" ? <Banner kind="success" live title={t`元に戻しました`} /> : null}
    </>
  );
}

function Preview({ change, flow }: { change: Change; flow: ReturnType<typeof useChange> }) {
  const { t } = useLingui();
  const box = useRef<HTMLElement>(null);
  const [wait, setWait] = useState<(typeof WAITS)[number]>("10");
  useEffect(() => { box.current?.focus(); }, []);
  const stranded = change.counts.stranded;
  return (
    <section className="banner banner-warning" ref={box} tabIndex={-1} aria-labelledby="stranded-title">
      <h2 className="banner-title" id="stranded-title">{t`${stranded} 件の予約が時間を失います`}</h2>
      <p>{t`まだ何も変わっていません。変更すると、患者さん一人ひとりに代わりの時間を知らせます。知らせるまでは、元に戻せます。`}</p>
      <StrandedTable change={change} flow={flow} />
      <SelectField id="send-after" label={t`患者さんに知らせるまで`} value={wait} onChange={setWait} options={WAITS.map((value) => ({ value, label: value === "0" ? t`すぐに知らせる` : t`${value} 分` }))} />
      <p className="buttons">
        <button type="button" className="button button-danger" disabled={flow.busy} onClick={() => { void flow.apply(change, Number(wait)); }}>{t`変更する`}</button>
        <button type="button" className="button button-outline" onClick={flow.drop}>{t`変更しない`}</button>
      </p>
    </section>
  );
}

function Applied({ change, flow, done }: { change: Change; flow: ReturnType<typeof useChange>; done: string }) {
  const { t } = useLingui();
  const box = useRef<HTMLDivElement>(null);
  const now = useNow(5_000);
  useEffect(() => { box.current?.focus(); }, []);
  const until = change.can_undo_until;
  const undoable = change.counts.stranded === 0 || (until != null && Date.parse(until) > now.getTime());
  return (
    <div ref={box} tabIndex={-1}>
    <Banner kind={change.counts.stranded > 0 ? "warning" : "success"} live title={done}>
      {change.counts.stranded > 0 ? (
        <>
          <p>
            {undoable && until != null
              ? t`${change.counts.stranded} 件の予約の患者さんに、${timeOf(until, CLINIC_ZONE, language())}に知らせます。それまでは元に戻せます。`
              : t`${change.counts.stranded} 件の予約の患者さんに知らせました。`}
          </p>
          <StrandedTable change={change} flow={flow} />
        </>
      ) : null}
      {undoable ? (
        <p>
          <button type="button" className="button button-outline" disabled={flow.busy} onClick={() => { void flow.undo(change); }}>{t`この変更を元に戻す`}</button>
        </p>
      ) : null}
    </Banner>
    </div>
  );
}

/** The visits that lose their time, with the times their patients are offered and what they answered. */
export function StrandedTable({ change, flow }: { change: Change; flow?: ReturnType<typeof useChange> }) {
  const { t } = useLingui();
  const at = (instant: string) => dayAndTime(instant, CLINIC_ZONE, language());
  const answer = (visit: Schemas["StrandedVisit"]): string => {
    if (visit.answer === "moved") return visit.new_start ? t`${at(visit.new_start)} に変わりました` : t`変わりました`;
    if (visit.answer === "cancelled") return t`取り消されました`;
    if (visit.answer === "kept") return t`元の時間のまま診ます`;
    return visit.sent_at ? t`返事を待っています` : t`まだ知らせていません`;
  };
  return (
    <TableFrame label={t`時間を失う予約`}>
      <table className="table stacked">
        <caption className="visually-hidden">{t`時間を失う予約`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`予約`}</th>
            <th scope="col">{t`医師`}</th>
            <th scope="col">{t`代わりの時間`}</th>
            {change.state === "draft" ? null : <th scope="col">{t`返事`}</th>}
          </tr>
        </thead>
        <tbody>
          {change.stranded.map((visit) => (
            <tr key={visit.booking_id}>
              <th scope="row" data-label={t`予約`}>
                {at(visit.start)}
                {visit.number ? <span className="small block">{t`予約番号 ${visit.number}`}</span> : null}
              </th>
              <td data-label={t`医師`}>{visit.clinician_name}</td>
              <td data-label={t`代わりの時間`}>
                {visit.offers.length === 0 ? t`同じ長さの空きがありません。電話で相談してください。` : (
                  <ul className="plain">
                    {visit.offers.map((offer) => (
                      <li key={`${offer.start}-${offer.clinician_id}`}>{at(offer.start)}{offer.clinician_id === visit.clinician_id ? "" : t`（${offer.clinician_name}）`}</li>
                    ))}
                  </ul>
                )}
              </td>
              {change.state === "draft" ? null : (
                <td data-label={t`返事`}>
                  {answer(visit)}
                  {flow && visit.answer == null ? (
                    <button type="button" className="link block" aria-label={t`${at(visit.start)} の予約は元の時間のまま診る`} onClick={() => { void flow.keep(change, visit.booking_id); }}>{t`元の時間のまま診る`}</button>
                  ) : null}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
