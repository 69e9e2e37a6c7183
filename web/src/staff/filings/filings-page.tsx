import { useLingui } from "@lingui/react/macro";
import { Link, useNavigate } from "react-router";
import { api, client, type Schemas } from "../../api/client";
import { Banner } from "../../ui/banner";
import { Failure } from "../../ui/errors";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { TableFrame } from "../table-frame";
import { useCall } from "../use-call";
import { DeadlineLetters } from "./letters-form";
import { UndeliveredLetters } from "./undelivered-letters";
import { day, type Kind, useDaysLeft, useDutyNames, useKindNames, useStateNames } from "./words";

type Mine = Schemas["MyFilings"];

/** What a clinic, or who runs a reception facility, has notified; what is due; and where to begin. */
export function FilingsPage() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/filings");
  return (
    <>
      <PageTitle title={t`届出`} />
      <p>{t`3種類の届出は、届け先も根拠も別です。ひとつを出しても、ほかのものを出したことにはなりません。`}</p>
      <QueryState query={query} />
      {query.data ? (
        <>
          <Deadlines items={query.data.deadlines} />
          <Begin mine={query.data} />
          <h2>{t`これまでの届出`}</h2>
          {query.data.items.length === 0 ? <p>{t`まだありません。`}</p> : <Filings mine={query.data} />}
          <UndeliveredLetters />
          <DeadlineLetters />
        </>
      ) : null}
    </>
  );
}

function Deadlines({ items }: { items: Mine["deadlines"] }) {
  const { t } = useLingui();
  const duties = useDutyNames();
  const left = useDaysLeft();
  if (items.length === 0) return null;
  const late = items.some((one) => one.days_left < 0);
  return (
    <Banner kind={late ? "warning" : "info"} title={t`期限のあるもの`}>
      <ul>
        {items.map((one) => (
          <li key={`${one.duty}${one.due_on}`}>
            {one.duty === "self_check" ? <Link to="/staff/self-check">{duties[one.duty]}</Link> : duties[one.duty]}
            <br />
            {one.duty === "self_check" ? t`${day(one.due_on)} 現在（${left(one.days_left)}）` : t`${day(one.due_on)} まで（${left(one.days_left)}）`}
            {one.filing_id ? <> <Link to={`/staff/filings/${one.filing_id}`}>{t`開く`}</Link></> : null}
          </li>
        ))}
      </ul>
    </Banner>
  );
}

function Begin({ mine }: { mine: Mine }) {
  const { t } = useLingui();
  const kinds = useKindNames();
  const navigate = useNavigate();
  const { busy, failure, call } = useCall();
  const begin = async (kind: Kind, site: string | null) => {
    const begun = await call(() => client.POST("/api/filings", { body: { kind, site_id: site } }));
    if (begun) void navigate(`/staff/filings/${begun.filing.id}`);
  };
  const choices = mine.kinds.includes("reception_facility")
    ? mine.sites.map((site) => ({ kind: "reception_facility" as const, site: site.id, label: t`${site.name} の届出を書く` }))
    : mine.kinds.map((kind) => ({ kind, site: null, label: t`${kinds[kind]}を書く` }));
  return (
    <section aria-labelledby="begin-title">
      <h2 id="begin-title">{t`新しく書く`}</h2>
      <p>{t`有効な届出があるときは、変更の届出になります。`}</p>
      {failure ? <Failure error={failure} /> : null}
      {choices.length === 0 ? <p>{t`先に「受診施設」で施設を登録してください。`}</p> : null}
      <p className="buttons">
        {choices.map((one) => (
          <button key={`${one.kind}${one.site ?? ""}`} type="button" className="button button-outline" disabled={busy} onClick={() => { void begin(one.kind, one.site); }}>{one.label}</button>
        ))}
      </p>
    </section>
  );
}

function Filings({ mine }: { mine: Mine }) {
  const { t } = useLingui();
  const kinds = useKindNames();
  const states = useStateNames();
  const site = (id: string | null | undefined) => mine.sites.find((one) => one.id === id)?.name;
  return (
    <TableFrame label={t`これまでの届出`}>
      <table className="table stacked">
        <caption className="visually-hidden">{t`これまでの届出`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`届出`}</th>
            <th scope="col">{t`状態`}</th>
            <th scope="col">{t`提出日`}</th>
            <th scope="col">{t`受理番号`}</th>
            <th scope="col">{t`有効な期間`}</th>
          </tr>
        </thead>
        <tbody>
          {mine.items.map((one) => (
            <tr key={one.id}>
              <th scope="row" data-label={t`届出`}>
                <Link to={`/staff/filings/${one.id}`}>{kinds[one.kind]}</Link>
                {site(one.site_id) ? <span className="small block">{site(one.site_id)}</span> : null}
              </th>
              <td data-label={t`状態`}>{states[one.state]}</td>
              <td data-label={t`提出日`}>{day(one.submitted_on)}</td>
              <td data-label={t`受理番号`}>{one.acceptance_number ?? "―"}</td>
              <td data-label={t`有効な期間`}>
                {one.effective_from ? t`${day(one.effective_from)} から` : "―"}
                {one.ended_on && one.effective_from ? <span className="block">{t`${day(one.ended_on)} の前日まで`}</span> : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
