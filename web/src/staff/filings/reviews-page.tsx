import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link } from "react-router";
import { api } from "../../api/client";
import { count } from "../../i18n";
import { Banner } from "../../ui/banner";
import { SelectField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { TableFrame } from "../table-frame";
import { AllUndeliveredLetters } from "./undelivered-letters";
import { day, type Kind, type State, useDaysLeft, useKindNames, useStateNames } from "./words";

const STATES: State[] = ["submitted", "resubmitted", "returned_for_correction", "accepted", "in_effect", "changed", "withdrawn", "revoked"];

/** What was handed in, who has not notified online care yet, and how the self-checks stand. */
export function ReviewsPage() {
  const { t } = useLingui();
  const [state, setState] = useState<State | "">("");
  const [kind, setKind] = useState<Kind | "">("");
  const kinds = useKindNames();
  const states = useStateNames();
  const query = api.useQuery("get", "/api/admin/filings", { params: { query: { ...(state ? { state } : {}), ...(kind ? { kind } : {}) } } });
  return (
    <>
      <PageTitle title={t`届出の審査`} />
      <div className="toolbar">
        <SelectField id="state" label={t`状態`} value={state} onChange={setState} options={[{ value: "", label: t`すべて` }, ...STATES.map((value) => ({ value, label: states[value] }))]} />
        <SelectField id="kind" label={t`種類`} value={kind} onChange={setKind} options={[
          { value: "", label: t`すべて` },
          { value: "criterion", label: kinds.criterion },
          { value: "online_care", label: kinds.online_care },
          { value: "reception_facility", label: kinds.reception_facility },
        ]} />
      </div>
      <QueryState query={query} />
      {query.data?.items.length === 0 ? <p>{t`当てはまる届出はありません。`}</p> : null}
      {query.data && query.data.items.length > 0 ? (
        <TableFrame label={t`提出された届出`}>
          <table className="table stacked">
            <caption className="visually-hidden">{t`提出された届出`}</caption>
            <thead>
              <tr>
                <th scope="col">{t`届出者`}</th>
                <th scope="col">{t`届出`}</th>
                <th scope="col">{t`状態`}</th>
                <th scope="col">{t`提出日`}</th>
                <th scope="col">{t`受理番号`}</th>
              </tr>
            </thead>
            <tbody>
              {query.data.items.map((one) => (
                <tr key={one.id}>
                  <th scope="row" data-label={t`届出者`}><Link to={`/staff/reviews/${one.id}`}>{one.name}</Link></th>
                  <td data-label={t`届出`}>{kinds[one.kind]}</td>
                  <td data-label={t`状態`}>{states[one.state]}</td>
                  <td data-label={t`提出日`}>{day(one.submitted_on)}</td>
                  <td data-label={t`受理番号`}>{one.acceptance_number ?? "―"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      ) : null}
      <Late />
      <AllUndeliveredLetters />
      <SelfChecks />
    </>
  );
}

/** Who gave online care when the law began, and has not notified it. */
function Late() {
  const { t } = useLingui();
  const [after, setAfter] = useState("");
  const left = useDaysLeft();
  const states = useStateNames();
  const query = api.useQuery("get", "/api/admin/filings/due", { params: { query: { after } } });
  const { data } = query;
  const last = data?.items.at(-1)?.code10;
  return (
    <section aria-labelledby="late-title">
      <h2 id="late-title">{t`オンライン診療の届出がまだの医療機関`}</h2>
      <QueryState query={query} />
      {data ? (
        <>
          <Banner kind={data.days_left < 0 ? "warning" : "info"}>
            <p>{t`期限は ${day(data.due_on)}（${left(data.days_left)}）。2026年4月1日から続けている ${count(data.bound)} 機関のうち、届出があったのは ${count(data.notified)} 機関です。`}</p>
          </Banner>
          <ul>
            {data.items.map((one) => (
              <li key={one.code10}>{one.name}<span className="small">{t`（${one.code10}）`}{one.state ? ` ${states[one.state]}` : ""}</span></li>
            ))}
          </ul>
          {data.items.length === 100 && last ? <button type="button" className="button button-outline" onClick={() => { setAfter(last); }}>{t`続きを見る`}</button> : null}
        </>
      ) : null}
    </section>
  );
}

/** The self-checks as of the last 1 August. */
function SelfChecks() {
  const { t } = useLingui();
  const now = new Date();
  const year = now.getMonth() >= 7 ? now.getFullYear() : now.getFullYear() - 1;
  const query = api.useQuery("get", "/api/admin/self-checks/{year}", { params: { path: { year } } });
  return (
    <section aria-labelledby="self-title">
      <h2 id="self-title">{t`自己点検（${year}年8月1日現在）`}</h2>
      <QueryState query={query} />
      {query.data?.items.length === 0 ? <p>{t`ありません。`}</p> : null}
      <ul>
        {query.data?.items.map((one) => (
          <li key={one.facility_id}>
            {t`${one.name}：${one.unmet == null ? t`まだ` : one.unmet === 0 ? t`済み（すべて満たす）` : t`済み（満たさない項目 ${one.unmet}）`}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
