import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link } from "react-router";
import { api, client, type Schemas, type Visit } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { Failure } from "../../ui/errors";
import { PageTitle } from "../../ui/page";
import { SummaryList, type SummaryRow } from "../../ui/summary-list";
import { useCall } from "../../ui/use-call";

type Said = NonNullable<Schemas["Closed"]["said"]>;

/** V4: what follows, as soon as the doctor has closed the visit. */
export function Ended({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  return (
    <>
      <PageTitle title={t`診察が終わりました`} />
      <Banner kind="success" title={t`おつかれさまでした`} />
      <h2>{t`このあと`}</h2>
      <ClosingSummary visit={visit} />
      <ul>
        <li>{t`薬や支払いについては、医療機関から案内があります。`}</li>
        <li>{t`具合が悪くなったときは、医療機関に電話してください。急ぐときは 119番へ。`}</li>
      </ul>
      <p><Link to={`/visit/${visit.booking.id}/plan`}>{t`診療計画を読む`}</Link></p>
      <p>
        <a className="button button-outline" href={`/clinics/${visit.booking.facility.id}`}>
          {t`次の予約をする`}
        </a>
      </p>
    </>
  );
}

/** What the doctor left for the patient. Asked again until the visit is closed. */
export function ClosingSummary({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/visits/{id}/closing", { params: { path: { id: visit.booking.id } } }, { refetchInterval: (query) => (query.state.data?.outcome ? false : 5_000) });
  const closed = query.data;
  if (!closed) return query.error ? <Failure error={query.error} retry={() => { void query.refetch(); }} /> : null;
  if (!closed.outcome) return <p role="status">{t`医師が記録を書いています。方針や処方の案内は、ここに出ます。`}</p>;
  return closed.said ? <Summary visit={visit} said={closed.said} onShown={() => { void query.refetch(); }} /> : null;
}

function Summary({ visit, said, onShown }: { visit: Visit; said: Said; onShown: () => void }) {
  const { t } = useLingui();
  const { days, next } = said;
  const kinds: Record<Said["prescription"], string> = {
    none: t`なし`,
    electronic: t`電子処方箋（${String(days ?? "")} 日分）`,
    paper: t`あり（${String(days ?? "")} 日分）`,
  };
  const rows: SummaryRow[] = [
    ...(said.mode === "in_person" ? [{ term: t`診察`, value: t`来院での診察に変わりました。日時は医療機関に電話してください。` }] : []),
    ...(said.onward_policy ? [{ term: t`今後の方針`, value: <bdi className="multi-line">{said.onward_policy}</bdi> }] : []),
    { term: t`処方`, value: kinds[said.prescription] },
    ...(said.referral ? [{ term: t`紹介先`, value: <bdi>{said.referral.to}</bdi> }] : []),
    ...(next ? [{ term: t`次の予約`, value: dayAndTime(next.start, visit.booking.zone, language()) }] : []),
  ];
  return (
    <>
      <SummaryList rows={rows} />
      {said.exchange ? <ExchangeNumber visit={visit} exchange={said.exchange} onShown={onShown} /> : null}
    </>
  );
}

/** The number for the pharmacy: shown once, on purpose. */
function ExchangeNumber({ visit, exchange, onShown }: { visit: Visit; exchange: NonNullable<Said["exchange"]>; onShown: () => void }) {
  const { t } = useLingui();
  const [number, setNumber] = useState<string>();
  const { busy, failure, call } = useCall();
  const show = async () => {
    const shown = await call(() => client.POST("/api/visits/{id}/exchange-number", { params: { path: { id: visit.booking.id } } }));
    if (shown) setNumber(shown.number);
    onShown();
  };
  const at = dayAndTime(exchange.at, visit.booking.zone, language());
  // It ends with a day: the last minute is of the day that people count with, and midnight is of the next.
  const last = dayAndTime(new Date(Date.parse(exchange.at) - 60_000).toISOString(), visit.booking.zone, language());
  return (
    <section aria-labelledby="exchange-title">
      <h3 id="exchange-title">{t`電子処方箋の引換番号`}</h3>
      {failure ? <Failure error={failure} /> : null}
      <div role="status">
        {number ? <p className="exchange-number"><strong>{number}</strong></p> : null}
        {number ? <p>{t`今、書き写してください。この番号は、もう一度は表示できません。薬局では、保険証などといっしょに伝えます。`}</p> : null}
        {!number && exchange.state === "shown" ? <p>{t`${at} に表示しました。もう一度必要なときは、医療機関に電話してください。`}</p> : null}
        {!number && exchange.state === "expired" ? <p>{t`期限が切れました。医療機関に電話してください。`}</p> : null}
      </div>
      {!number && exchange.state === "ready" ? (
        <>
          <p>{t`表示できるのは1回だけです。${last} まで使えます。書き写す用意をしてから、押してください。`}</p>
          <p><button type="button" className="button button-solid" disabled={busy} onClick={() => { void show(); }}>{t`引換番号を表示する`}</button></p>
        </>
      ) : null}
    </section>
  );
}
