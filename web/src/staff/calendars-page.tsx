import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../api/client";
import { dayAndTime, language, minutesBetween } from "../i18n";
import { Banner } from "../ui/banner";
import { CopyButton } from "../ui/copy-button";
import { Failure } from "../ui/errors";
import { useNow } from "../ui/now";
import { PageTitle } from "../ui/page";
import { QueryState } from "../ui/query-state";
import { useAccount } from "./account";
import { ClinicianSelect } from "./clinician-select";
import { FileField } from "./file-field";
import { HoursImport } from "./hours/hours-import";
import { CLINIC_ZONE } from "./today-page";
import { useCall } from "./use-call";

/** A clinician's calendars: addresses from which others read visits, and others' busy times read here. */
export function CalendarsPage() {
  const { t } = useLingui();
  const account = useAccount();
  const clinicians = api.useQuery("get", "/api/clinic/clinicians");
  const [chosen, setChosen] = useState(account.clinician_id ?? "");
  const id = chosen || clinicians.data?.items[0]?.id;
  return (
    <>
      <PageTitle title={t`カレンダーの連携`} />
      <QueryState query={clinicians} />
      {clinicians.data && id ? (
        <>
          {clinicians.data.items.length > 1 ? <ClinicianSelect clinicians={clinicians.data.items} value={id} onChange={setChosen} /> : null}
          <Feeds key={`feeds-${id}`} clinician={id} />
          <OutsideCalendars key={`outside-${id}`} clinician={id} />
          <h2>{t`ファイルで書き出す`}</h2>
          <ul>
            <li><a href={`/api/clinic/hours.ics?clinician=${id}`} download>{t`診療時間（.ics）`}</a></li>
            <li><a href={`/api/clinic/freebusy.ics?clinician=${id}`} download>{t`予約の入っている時間（.ics）`}</a></li>
          </ul>
          <HoursImport key={`hours-${id}`} clinician={id} />
        </>
      ) : null}
    </>
  );
}

function Feeds({ clinician }: { clinician: string }) {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/feeds", { params: { query: { clinician } } });
  const [made, setMade] = useState<Schemas["Feed"]>();
  const { busy, failure, call } = useCall();
  const items = query.data?.items ?? [];
  const at = (instant: string) => dayAndTime(instant, CLINIC_ZONE, language());
  const add = async () => {
    const feed = await call(() => client.POST("/api/clinic/feeds", { body: { clinician_id: clinician } }));
    if (!feed) return;
    setMade(feed);
    void query.refetch();
  };
  const revoke = async (id: string) => {
    if (await call(() => client.DELETE("/api/clinic/feeds/{id}", { params: { path: { id } } })) === undefined) return;
    if (made?.id === id) setMade(undefined);
    void query.refetch();
  };
  return (
    <section aria-labelledby="feeds-title">
      <h2 id="feeds-title">{t`予約をほかのカレンダーで見る`}</h2>
      <p>{t`作ったアドレスをカレンダーのアプリに入れると、予約の時間が見られます。患者さんの名前や症状は出ません。アドレスを知っている人はだれでも見られるので、人に渡さないでください。`}</p>
      <QueryState query={query} />
      {failure ? <Failure error={failure} /> : null}
      {made?.address ? (
        <Banner kind="success" live title={t`アドレスを作りました。この画面でだけ見られます`}>
          <p>
            <code>{made.address}</code> <CopyButton text={made.address} label={t`アドレスをコピーする`} />
          </p>
        </Banner>
      ) : null}
      {query.data && items.length === 0 ? <p>{t`アドレスはありません。`}</p> : null}
      <ul className="plain">
        {items.map((one) => (
          <li key={one.id}>
            {t`${at(one.created_at)} に作成`}、{one.read_at ? t`最後に読まれたのは ${at(one.read_at)}` : t`まだ読まれていません`}{" "}
            <button type="button" className="link" aria-label={t`${at(one.created_at)} のアドレスを使えなくする`} onClick={() => { void revoke(one.id); }}>{t`使えなくする`}</button>
          </li>
        ))}
      </ul>
      <button type="button" className="button button-outline" disabled={busy} onClick={() => { void add(); }}>{t`アドレスを作る`}</button>
    </section>
  );
}

/** Hours after which busy times from elsewhere are called old. */
const OLD_H = 24;

function OutsideCalendars({ clinician }: { clinician: string }) {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/outside", { params: { query: { clinician } } });
  const now = useNow(60_000);
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
  const remove = async (id: string) => {
    if (await call(() => client.DELETE("/api/clinic/outside/{id}", { params: { path: { id } } })) !== undefined) void query.refetch();
  };
  return (
    <section aria-labelledby="outside-title">
      <h2 id="outside-title">{t`ほかのカレンダーの予定を避ける`}</h2>
      <p>{t`ほかのカレンダーの .ics ファイルを読み込むと、予定のある時間を患者さんに出しません。題名や相手の名前は残しません。`}</p>
      <QueryState query={query} />
      {failure ? <Failure error={failure} /> : null}
      {items.map((one) => (
        <OutsideCard key={one.id} one={one} now={now} busy={busy} onFile={(file) => { void upload(file, one.id); }} onRemove={() => { void remove(one.id); }} />
      ))}
      <FileField id="outside-new" label={t`.ics ファイルを読み込む`} busy={busy} onFile={(file) => { void upload(file); }} />
    </section>
  );
}

function OutsideCard({ one, now, busy, onFile, onRemove }: { one: Schemas["OutsideCalendar"]; now: Date; busy: boolean; onFile: (file: File) => void; onRemove: () => void }) {
  const { t } = useLingui();
  const hours = Math.floor(minutesBetween(one.fetched_at, now) / 60);
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
  return (
    <div className="card">
      <p>
        <strong className={hours >= OLD_H ? "bad" : ""}>{hours === 0 ? t`1時間以内に読み込んだ内容です` : t`${hours} 時間前に読み込んだ内容です`}</strong>
      </p>
      <p>{t`予定 ${one.entries} 件。${dayAndTime(one.known_until, CLINIC_ZONE, language())} までの分かっている予定を避けています。`}</p>
      {ignored.length > 0 ? (
        <>
          <p>{t`使わなかった予定:`}</p>
          <ul>
            {ignored.map(([why, { count, first }]) => <li key={why}>{t`${reasons[why] ?? why}: ${count} 件（最初は ${first} 番目）`}</li>)}
          </ul>
        </>
      ) : null}
      <FileField id={`outside-${one.id}`} label={t`新しいファイルに置きかえる`} busy={busy} onFile={onFile} />
      <button type="button" className="link" onClick={onRemove}>{t`このカレンダーをやめる`}</button>
    </div>
  );
}
