import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { Failure } from "../../ui/errors";
import { TextField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { SummaryList } from "../../ui/summary-list";
import { useCall } from "../use-call";
import { useReceptionKinds } from "./reception-kinds";

/** The reception facilities that ask a clinic, and those that it found fit for its patients. */
export function AskedSitesPage() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/reception-sites");
  return (
    <>
      <PageTitle title={t`連携する受診施設`} />
      <p>{t`オンライン診療受診施設から連携のお願いが来ます。診療に適した場所かを確かめて、その内容を書くと、患者さんの受診場所として使えます。`}</p>
      <QueryState query={query} />
      {query.data?.items.length === 0 ? <p>{t`お願いはありません。`}</p> : null}
      {query.data?.items.map((one) => <Asked key={`${one.site.id}${one.link.confirmed_at ?? ""}`} one={one} onChanged={() => { void query.refetch(); }} />)}
    </>
  );
}

function Asked({ one, onChanged }: { one: Schemas["AskedSite"]; onChanged: () => void }) {
  const { t } = useLingui();
  const [fitness, setFitness] = useState("");
  const [error, setError] = useState<string>();
  const kinds = useReceptionKinds();
  const { busy, failure, call } = useCall();
  const path = { path: { id: one.site.id } };
  const confirm = async () => {
    const done = await call(async () => {
      const answer = await client.PUT("/api/clinic/reception-sites/{id}", { params: path, body: { fitness } });
      setError(problemOf(answer.error).fields[0]?.detail);
      return answer;
    });
    if (done) onChanged();
  };
  const leave = async () => {
    if (await call(() => client.DELETE("/api/clinic/reception-sites/{id}", { params: path }))) onChanged();
  };
  return (
    <section className="panel" aria-label={one.site.name}>
      <h2>{one.site.name}</h2>
      <SummaryList rows={[
        { term: t`設置者`, value: one.site.operator_name },
        { term: t`施設の種類`, value: kinds.find((kind) => kind.value === one.site.kind)?.label ?? "" },
        { term: t`住所`, value: one.site.address },
        { term: t`24時間の連絡先`, value: one.site.contact_24h },
        { term: t`利用料`, value: t`${one.site.usage_fee}円` },
        { term: t`看護師など`, value: one.site.has_nurse ? t`いる` : t`いない` },
        ...(one.link.fitness ? [{ term: t`確かめた内容`, value: one.link.fitness }] : []),
      ]} />
      {failure && !error ? <Failure error={failure} /> : null}
      {one.link.confirmed_at ? null : (
        <form noValidate onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}>
          <TextField id={`fitness-${one.site.id}`} rows={2} label={t`確かめた内容`} error={error} value={fitness} onChange={setFitness} />
          <button type="submit" className="button button-solid" disabled={busy}>{t`適していることを確かめた`}</button>
        </form>
      )}
      <p><button type="button" className="link" disabled={busy} onClick={() => { void leave(); }}>{one.link.confirmed_at ? t`連携をやめる` : t`断る`}</button></p>
    </section>
  );
}
