import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Booking, client, type Schemas } from "../../api/client";
import { Failure } from "../../ui/errors";
import { SelectField, TextField } from "../../ui/fields";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../use-call";
import { READ_ONCE_SHOWN } from "../read-once";
import { type Item, type Method, useItemWords, useMethods, useStateWords } from "./clearance-words";

type Clearance = Schemas["Clearance"];

/** What must be clear before and during a visit: what the clinic sees to, and what it lets go with a reason. `onBasis` leads to where the basis of a first visit is said. */
export function ClearancePanel({ booking, onBasis }: { booking: Booking; onBasis: () => void }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const path = { params: { path: { id: booking.id } } };
  const query = api.useQuery("get", "/api/clinic/visits/{id}/clearance", path, READ_ONCE_SHOWN);
  const clearance = query.data;
  if (!clearance) return <QueryState query={query} />;
  const changed = (next: Clearance) => { queries.setQueryData(api.queryOptions("get", "/api/clinic/visits/{id}/clearance", path).queryKey, next); };
  const { place } = clearance;
  return (
    <>
      <ul className="plain clearance">
        {clearance.items.map((item) => <li key={`${item.item}-${item.version}`}><Row booking={booking} item={item} onChanged={changed} onBasis={onBasis} /></li>)}
      </ul>
      {place ? (
        <p>
          {t`患者のいる場所:`} <bdi>{place.area}{place.address}</bdi>
          <br />
          {t`緊急の連絡先:`} <bdi>{place.contact.name}</bdi> <a className="tel" href={`tel:${place.contact.phone}`}>{place.contact.phone}</a>
        </p>
      ) : <p>{t`患者のいる場所は、待合室で患者さんに聞いています。`}</p>}
      <p><button type="button" className="button button-outline" onClick={() => { void query.refetch(); }}>{t`確認を読み込み直す`}</button></p>
    </>
  );
}

function Row({ booking, item, onChanged, onBasis }: { booking: Booking; item: Item; onChanged: (clearance: Clearance) => void; onBasis: () => void }) {
  const { t } = useLingui();
  const name = useItemWords()[item.item];
  const state = useStateWords()[item.state];
  const methods = useMethods(item.item);
  const dues: Record<Item["due"], string> = { admission: t`呼ぶ前`, closing: t`閉じる前`, advised: "" };
  const due = item.if_first ? t`（初診なら、${dues[item.due]}に必要）` : t`（${dues[item.due]}に必要）`;
  const clear = item.state === "done" || item.state === "waived";
  const how = methods.find(({ value }) => value === item.method)?.label;
  return (
    <>
      <p className={clear || item.due === "advised" ? "" : "bad"}>
        {name}: <strong>{state}</strong>{how ? ` ${how}` : ""}{!clear && dues[item.due] ? ` ${due}` : ""}
        {item.reason ? <> <bdi>{item.reason}</bdi></> : null}
      </p>
      {item.state !== "done" && methods.length > 0 ? <Check booking={booking} item={item} name={name} methods={methods} onChanged={onChanged} /> : null}
      {!clear && item.item === "medical_information" ? <p className="nested"><button type="button" className="button button-outline" onClick={onBasis}>{t`初診の根拠を確かめる`}</button></p> : null}
      {!clear && item.waivable ? <Waive booking={booking} item={item} name={name} onChanged={onChanged} /> : null}
    </>
  );
}

function Check({ booking, item, name, methods, onChanged }: { booking: Booking; item: Item; name: string; methods: { value: Method; label: string }[]; onChanged: (clearance: Clearance) => void }) {
  const { t } = useLingui();
  const [method, setMethod] = useState<Method>(methods[0]?.value ?? "photo_id");
  const { busy, failure, call } = useCall();
  const save = async (passed: boolean) => {
    const body = { version: item.version, passed, ...(passed ? { method } : {}) };
    const done = await call(() => client.PUT("/api/clinic/visits/{id}/clearance/{item}", { params: { path: { id: booking.id, item: item.item } }, body }));
    if (done) onChanged(done);
  };
  return (
    <div className="nested">
      {failure ? <Failure error={failure} /> : null}
      <SelectField id={`method-${item.item}`} label={t`${name} の方法`} value={method} options={methods} onChange={setMethod} />
      <p className="buttons">
        <button type="button" className="button button-outline" disabled={busy} aria-label={t`${name} を確かめた`} onClick={() => { void save(true); }}>{t`確かめた`}</button>
        <button type="button" className="link" disabled={busy} aria-label={t`${name} に問題がある`} onClick={() => { void save(false); }}>{t`問題がある`}</button>
      </p>
    </div>
  );
}

/** Lets an item go with a reason. */
export function Waive({ booking, item, name, onChanged }: { booking: Booking; item: Pick<Item, "item" | "version">; name: string; onChanged: (clearance: Clearance) => void }) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const { busy, failure, call } = useCall();
  const waive = async () => {
    const done = await call(() => client.POST("/api/clinic/visits/{id}/clearance/{item}/waive", { params: { path: { id: booking.id, item: item.item } }, body: { version: item.version, reason } }));
    if (done) onChanged(done);
  };
  return (
    <details className="nested">
      <summary>{t`${name} を理由を書いて省く`}</summary>
      {failure ? <Failure error={failure} /> : null}
      <TextField id={`reason-${item.item}`} label={t`省く理由`} value={reason} onChange={setReason} />
      <p><button type="button" className="button button-outline" disabled={busy} onClick={() => { void waive(); }}>{t`省く`}</button></p>
    </details>
  );
}
