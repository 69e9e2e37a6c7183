import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { dayAndTime, language, minutesBetween } from "../../i18n";
import { Banner } from "../../ui/banner";
import { Failure } from "../../ui/errors";
import { SelectField } from "../../ui/fields";
import { useNow } from "../../ui/now";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { serviceName } from "../hours/conditions";
import { TableFrame } from "../table-frame";
import { useCall } from "../use-call";
import { useDeclineReasons } from "./words";

type Item = Schemas["ClinicVisit"];

/** Minutes before the deadline from which a request is marked. */
const SOON_MIN = 120;

/** Requests that occupy their time until the clinic answers, the most urgent first. */
export function RequestsPage() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/requests", undefined, { refetchInterval: 15_000 });
  const now = useNow(30_000);
  const [done, setDone] = useState("");
  const items = query.data?.items ?? [];
  return (
    <>
      <PageTitle title={t`承認待ち`} />
      <p>{t`申し込まれた時間は、返事をするまでほかの方に出しません。期限までに返事をしないと、申し込みは終わります。`}</p>
      {done ? <Banner kind="success" live title={done} /> : null}
      <QueryState query={query} />
      {query.data && items.length === 0 ? <p>{t`返事を待っている申し込みはありません。`}</p> : null}
      {items.length > 0 ? (
        <TableFrame label={t`承認待ち`}>
          <table className="table stacked">
            <caption className="visually-hidden">{t`承認待ち`}</caption>
            <thead>
              <tr>
                <th scope="col">{t`日時`}</th>
                <th scope="col">{t`患者`}</th>
                <th scope="col">{t`診療`}</th>
                <th scope="col">{t`相談・電話`}</th>
                <th scope="col">{t`返事の期限`}</th>
                <th scope="col">{t`操作`}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <RequestRow key={item.booking.id} item={item} now={now} onDone={(text) => {
                  setDone(text);
                  void query.refetch();
                }} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      ) : null}
    </>
  );
}

function RequestRow({ item, now, onDone }: { item: Item; now: Date; onDone: (text: string) => void }) {
  const { t } = useLingui();
  const reasons = useDeclineReasons();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState<Schemas["DeclineReason"]>("in_person_needed");
  const { busy, failure, call } = useCall();
  const { booking, patient } = item;
  const name = patient?.name ?? "";
  const left = item.answer_by == null ? undefined : minutesBetween(now.toISOString(), new Date(item.answer_by));
  const path = { params: { path: { id: booking.id } } };
  const approve = async () => {
    if (await call(() => client.POST("/api/clinic/requests/{id}/approve", { ...path, body: { version: booking.version } }))) onDone(t`${name} さんの申し込みを承認しました`);
  };
  const decline = async () => {
    if (await call(() => client.POST("/api/clinic/requests/{id}/decline", { ...path, body: { version: booking.version, reason } }))) onDone(t`${name} さんの申し込みを断りました`);
  };
  return (
    <tr>
      <th scope="row" data-label={t`日時`}>{dayAndTime(booking.start, booking.zone, language())}</th>
      <td data-label={t`患者`}>
        <strong><bdi>{name}</bdi></strong>
        <span className="small block">{patient?.kana}</span>
      </td>
      <td data-label={t`診療`}>
        {serviceName(booking.service)}
        <span className="small block">{booking.clinician.name}</span>
      </td>
      <td data-label={t`相談・電話`} className="symptoms">
        <bdi>{patient?.symptoms}</bdi>
        {patient?.phone ? <a className="tel" href={`tel:${patient.phone}`}>{patient.phone}</a> : null}
      </td>
      <td data-label={t`返事の期限`}>
        {item.answer_by == null ? "―" : <span className={left !== undefined && left < SOON_MIN ? "bad" : ""}>{dayAndTime(item.answer_by, booking.zone, language())}</span>}
      </td>
      <td data-label={t`操作`} className="row-actions">
        {failure ? <Failure error={failure} /> : null}
        {asking ? (
          <form className="inline-form" onSubmit={(event) => {
            event.preventDefault();
            void decline();
          }}>
            <SelectField id={`decline-${booking.id}`} label={t`断る理由`} hint={t`患者さんに知らせます`} value={reason} onChange={setReason} options={reasons} />
            <button type="submit" className="button button-danger button-small" disabled={busy}>{t`申し込みを断る`}</button>
            <button type="button" className="link" onClick={() => { setAsking(false); }}>{t`やめる`}</button>
          </form>
        ) : (
          <>
            <button type="button" className="button button-solid button-small" disabled={busy} aria-label={t`${name} さんの申し込みを承認する`} onClick={() => { void approve(); }}>{t`承認する`}</button>
            <button type="button" className="link" aria-label={t`${name} さんの申し込みを断る`} onClick={() => { setAsking(true); }}>{t`断る`}</button>
          </>
        )}
      </td>
    </tr>
  );
}
