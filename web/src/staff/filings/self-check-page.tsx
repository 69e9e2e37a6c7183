import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { dateOf, dayAndTime, language } from "../../i18n";
import { ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { CLINIC_ZONE } from "../today-page";
import { useCall } from "../use-call";
import { CheckFields, checkOf, type Draft, draftOf } from "./check-form";
import { controlOf } from "./words";

type List = Schemas["SelfCheckList"];

/** The year whose 1 August was the last. */
function lastYear(): number {
  const [year = "0", month = "1"] = dateOf(new Date(), CLINIC_ZONE).split("-");
  return Number(month) >= 8 ? Number(year) : Number(year) - 1;
}

/** The yearly self-check of the criterion, as of 1 August. */
export function SelfCheckPage() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/self-checks", undefined, { refetchOnWindowFocus: false, staleTime: Infinity, gcTime: 0 });
  const year = lastYear();
  const done = query.data?.done.some((one) => one.year === year);
  return (
    <>
      <PageTitle title={t`施設基準の自己点検`} />
      <p>{t`毎年8月1日現在で、届け出た施設基準を満たしているかを確かめ、記録します。満たさない項目は、その事情を書いてください。`}</p>
      <QueryState query={query} />
      {query.data && !done ? <Form year={year} list={query.data} onDone={() => { void query.refetch(); }} /> : null}
      {query.data ? <Past list={query.data} /> : null}
    </>
  );
}

function Form({ year, list, onDone }: { year: number; list: List; onDone: () => void }) {
  const { t } = useLingui();
  const [drafts, setDrafts] = useState<Record<string, Draft>>({});
  const [errors, setErrors] = useErrors();
  const { busy, failure, call } = useCall();
  const draft = (item: string) => drafts[item] ?? draftOf(undefined);
  const save = async () => {
    const open = list.demands.filter(({ item }) => draft(item).met === "").map(({ item }) => ({ field: `checks-${item}`, text: t`満たすかどうかを選んでください` }));
    setErrors(open);
    if (open.length > 0) return;
    const checks = list.demands.map((demand) => checkOf(demand, draft(demand.item)));
    const done = await call(async () => {
      const answer = await client.PUT("/api/clinic/self-checks/{year}", { params: { path: { year } }, body: { checks } });
      setErrors(problemOf(answer.error).fields.map(({ pointer, detail }) => ({ field: controlOf(pointer), text: detail, bare: true })));
      return answer;
    });
    if (done) onDone();
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <h2>{t`${year}年8月1日現在`}</h2>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      {list.demands.map((demand) => (
        <div className="panel" key={demand.item}>
          <CheckFields at={`checks-${demand.item}`} demand={demand} draft={draft(demand.item)} errors={errors} onChange={(change) => { setDrafts({ ...drafts, [demand.item]: { ...draft(demand.item), ...change } }); }} />
        </div>
      ))}
      <button type="submit" className="button button-solid" disabled={busy}>{t`自己点検を記録する`}</button>
    </form>
  );
}

function Past({ list }: { list: List }) {
  const { t } = useLingui();
  return (
    <>
      <h2>{t`これまでの自己点検`}</h2>
      {list.done.length === 0 ? <p>{t`まだありません。`}</p> : null}
      <ul>
        {list.done.map((one) => (
          <li key={one.year}>{t`${one.year}年8月1日現在：満たさない項目 ${one.unmet}（${dayAndTime(one.at, CLINIC_ZONE, language())} に記録）`}</li>
        ))}
      </ul>
    </>
  );
}
