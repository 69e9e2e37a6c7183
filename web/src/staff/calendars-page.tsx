import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../api/client";
import { dayAndTime, language } from "../i18n";
import { Banner } from "../ui/banner";
import { CopyButton } from "../ui/copy-button";
import { Failure } from "../ui/errors";
import { PageTitle } from "../ui/page";
import { QueryState } from "../ui/query-state";
import { useAccount } from "./account";
import { ClinicianSelect } from "./clinician-select";
import { HoursImport } from "./hours/hours-import";
import { OutsideCalendars } from "./outside-calendars";
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
