import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useMemo, useState } from "react";
import { api, client, type Schemas } from "../api/client";
import { problemOf } from "../api/problem";
import { dateOf, dayAndTime, language, minutesBetween } from "../i18n";
import { Banner } from "../ui/banner";
import { ErrorSummary, errorOf, Failure } from "../ui/errors";
import { TextField } from "../ui/fields";
import { useNow } from "../ui/now";
import { QueryState } from "../ui/query-state";
import { FileField } from "./file-field";
import { CLINIC_ZONE } from "./today-page";
import { useCall } from "./use-call";

/** Hours after which a file's busy times are called old. */
const OLD_H = 24;
/** How often the list is asked for again: the server reads addresses by itself. */
const AGAIN_MS = 60_000;

const at = (instant: string) => dayAndTime(instant, CLINIC_ZONE, language());

/** A day more than a year away, with its year. */
const until = (instant: string) => {
  const year = dateOf(new Date(instant), CLINIC_ZONE).slice(0, 4);
  return language() === "ja" ? `${year}年${at(instant)}` : `${at(instant)} (${year})`;
};

/** Others' calendars whose busy times are taken into account: at addresses, and from files. */
export function OutsideCalendars({ clinician }: { clinician: string }) {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/outside", { params: { query: { clinician } } }, { refetchInterval: AGAIN_MS });
  const now = useNow(AGAIN_MS);
  const [said, setSaid] = useState("");
  const { busy, failure, call } = useCall();
  const items = query.data?.items ?? [];
  const upload = async (file: File, replaces?: string) => {
    const text = await file.text();
    const done = await call(() => client.POST("/api/clinic/outside", {
      params: { query: { clinician, ...(replaces ? { replaces } : {}) } },
      body: text,
      bodySerializer: (body) => body,
      headers: { "Content-Type": "text/calendar" },
    }));
    if (done) void query.refetch();
  };
  const read = async (id: string) => {
    setSaid("");
    const one = await call(() => client.POST("/api/clinic/outside/{id}/fetch", { params: { path: { id } } }));
    if (!one) return;
    if (!one.address?.failure) setSaid(t`${one.address?.host ?? ""} を読み込みました`);
    void query.refetch();
  };
  const remove = async (id: string) => {
    setSaid("");
    if (await call(() => client.DELETE("/api/clinic/outside/{id}", { params: { path: { id } } })) !== undefined) void query.refetch();
  };
  return (
    <section aria-labelledby="outside-title">
      <h2 id="outside-title">{t`ほかのカレンダーの予定を避ける`}</h2>
      <p>{t`ほかのカレンダーのアドレスか .ics ファイルを読み込むと、予定のある時間を患者さんに出しません。題名や相手の名前は残しません。`}</p>
      <QueryState query={query} />
      <Refusal failure={failure} />
      <p role="status">{said}</p>
      {items.map((one) => (
        <OutsideCard key={one.id} one={one} now={now} busy={busy} onRemove={() => { void remove(one.id); }}>
          {one.address ? (
            <button type="button" className="button button-outline" aria-label={t`${one.address.host} を今すぐ読み込む`} disabled={busy} onClick={() => { void read(one.id); }}>{t`今すぐ読み込む`}</button>
          ) : (
            <FileField id={`outside-${one.id}`} label={t`新しいファイルに置きかえる`} busy={busy} onFile={(file) => { void upload(file, one.id); }} />
          )}
        </OutsideCard>
      ))}
      <AddressForm clinician={clinician} onAdded={() => { void query.refetch(); }} />
      <FileField id="outside-new" label={t`.ics ファイルを読み込む`} busy={busy} onFile={(file) => { void upload(file); }} />
    </section>
  );
}

/** What is wrong with a file, rather than that something is. */
function Refusal({ failure }: { failure: unknown }) {
  if (!failure) return null;
  const fault = problemOf(failure).fields[0]?.detail;
  return <Failure error={fault ? { detail: fault } : failure} />;
}

/** An address at which a calendar is read from now on. It may be a secret, so it is not shown again. */
function AddressForm({ clinician, onAdded }: { clinician: string; onAdded: () => void }) {
  const { t } = useLingui();
  const [url, setUrl] = useState("");
  const { busy, failure, call } = useCall();
  const errors = useMemo(() => problemOf(failure).fields.map((fault) => ({ field: "outside-url", text: fault.detail })), [failure]);
  const add = async () => {
    const added = await call(() => client.POST("/api/clinic/outside/addresses", { body: { clinician_id: clinician, url: url.trim() } }));
    if (!added) return;
    setUrl("");
    onAdded();
  };
  return (
    <form className="panel" noValidate onSubmit={(event) => {
      event.preventDefault();
      void add();
    }}>
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      <ErrorSummary errors={errors} />
      <TextField id="outside-url" label={t`カレンダーのアドレス`} hint={t`https:// か webcal:// で始まる、共有用（非公開リンク）のアドレスです。15分ごとに読み込みます。アドレスは暗号にして保存し、画面には出しません。`} error={errorOf(errors, "outside-url")} value={url} onChange={setUrl} />
      <button type="submit" className="button button-outline" disabled={busy || url.trim() === ""}>{busy ? t`読み込んでいます…` : t`アドレスを加える`}</button>
    </form>
  );
}

function OutsideCard({ one, now, busy, onRemove, children }: { one: Schemas["OutsideCalendar"]; now: Date; busy: boolean; onRemove: () => void; children: ReactNode }) {
  const { t } = useLingui();
  const reasons: Record<string, string> = {
    cancelled: t`取り消された予定`,
    transparent: t`「予定なし」とされた予定`,
    no_length: t`長さのない予定`,
    no_start: t`始まりのない予定`,
    bad_end: t`終わりがおかしい予定`,
    bad_rule: t`くり返しが読めない予定`,
    bad_date: t`日付が読めない予定`,
    unknown_zone: t`時差の分からない予定`,
    later_too: t`先まで追えなかった予定`,
  };
  const ignored = Object.entries(one.ignored);
  const host = one.address?.host;
  return (
    <div className="card">
      {host ? <h3>{host}</h3> : null}
      <Age one={one} now={now} />
      {one.address ? <AddressState address={one.address} /> : null}
      <p>{t`予定 ${one.entries} 件。${until(one.known_until)} までの分かっている予定を避けています。その先は予約を受けません。`}</p>
      {ignored.length > 0 ? (
        <>
          <p>{t`使わなかった予定:`}</p>
          <ul>
            {ignored.map(([why, { count, first }]) => <li key={why}>{t`${reasons[why] ?? why}: ${count} 件（最初は ${first} 番目）`}</li>)}
          </ul>
        </>
      ) : null}
      {children}
      <p>
        <button type="button" className="link" disabled={busy} {...(host ? { "aria-label": t`このカレンダーをやめる: ${host}` } : {})} onClick={onRemove}>{t`このカレンダーをやめる`}</button>
      </p>
    </div>
  );
}

/** How old what is known is. */
function Age({ one, now }: { one: Schemas["OutsideCalendar"]; now: Date }) {
  const { t } = useLingui();
  const minutes = Math.max(0, minutesBetween(one.fetched_at, now));
  const hours = Math.floor(minutes / 60);
  const old = one.address ? one.address.stale : hours >= OLD_H;
  const fresh = one.address ? t`${minutes} 分前に読み込んだ内容です` : t`1時間以内に読み込んだ内容です`;
  return (
    <p>
      <strong className={old ? "bad" : ""}>{hours === 0 ? fresh : t`${hours} 時間前に読み込んだ内容です`}</strong>
    </p>
  );
}

/** How the last reading went, and what follows if it goes on like that. */
function AddressState({ address }: { address: Schemas["OutsideAddress"] }) {
  const { t } = useLingui();
  const next = t`次に読み込むのは ${at(address.due_at)} ごろです。`;
  if (!address.failure) return <p>{next}</p>;
  const end = at(address.fresh_until);
  return (
    <Banner kind={address.stale ? "error" : "warning"} title={address.stale ? t`読み込めないため、この医師の空き時間を出していません` : t`最後の読み込みに失敗しました`}>
      <p>{address.failure.detail}{t`（${at(address.tried_at)}、${address.failures} 回つづけて）`}</p>
      <p>
        {next}
        {address.stale ? t`読み込めるか、このカレンダーをやめると、また予約を受けます。` : t`${end} までに読み込めないと、この医師の空き時間を出さなくなります。`}
      </p>
    </Banner>
  );
}
