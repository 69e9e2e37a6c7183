import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { api, client } from "../../api/client";
import { SelectField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { serviceName } from "../hours/conditions";
import { useServices } from "../settings/services";
import { READ_ONCE_SHOWN } from "../read-once";
import { QuestionsEditor } from "./questions-editor";

/** In the address, the list that all kinds of visit share. */
const TRIAGE = "triage";

/** What is asked before a visit: of each kind of visit, and of all of them the signs that must not wait. */
export function QuestionsPage() {
  const { t } = useLingui();
  const services = useServices();
  const [search, setSearch] = useSearchParams();
  const [dirty, setDirty] = useState(false);
  const items = services.items ?? [];
  const of = search.get("of") ?? items[0]?.id;
  return (
    <>
      <PageTitle title={t`問診`} />
      <p>{t`予約のときに聞くことです。お薬、アレルギー歴、既往歴は、初診をオンラインで診るかを決めるのに要ります。`}</p>
      <QueryState query={services} />
      {of ? (
        <>
          <SelectField id="of" label={t`どの問診`} {...(dirty ? { hint: t`変更を保存するか捨てると、ほかの問診を選べます` } : {})} value={of} options={[
            ...items.filter((one) => !dirty || one.id === of).map((one) => ({ value: one.id, label: serviceName(one) })),
            ...(!dirty || of === TRIAGE ? [{ value: TRIAGE, label: t`急いで受診が必要な症状（どの診療でも聞く）` }] : []),
          ]} onChange={(next) => { setSearch({ of: next }); }} />
          {of === TRIAGE ? <Triage onDirty={setDirty} /> : <OfService key={of} service={of} onDirty={setDirty} />}
        </>
      ) : null}
    </>
  );
}

function OfService({ service, onDirty }: { service: string; onDirty: (dirty: boolean) => void }) {
  const path = { params: { path: { id: service } } };
  const query = api.useQuery("get", "/api/clinic/services/{id}/questionnaire", path, READ_ONCE_SHOWN);
  return (
    <>
      <QueryState query={query} />
      {query.data ? (
        <QuestionsEditor key={query.dataUpdatedAt} kept={query.data} template={query.data.template} flagsOnly={false} onDirty={onDirty} onReload={() => { void query.refetch(); }} put={(body) => client.PUT("/api/clinic/services/{id}/questionnaire", { ...path, body })} />
      ) : null}
    </>
  );
}

function Triage({ onDirty }: { onDirty: (dirty: boolean) => void }) {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/triage", undefined, READ_ONCE_SHOWN);
  return (
    <>
      <p>{t`「はい」が1つでもあると、予約を止めて、医療機関の電話と119番を案内します。`}</p>
      <QueryState query={query} />
      {query.data ? (
        <QuestionsEditor key={query.dataUpdatedAt} kept={query.data} template={[]} flagsOnly onDirty={onDirty} onReload={() => { void query.refetch(); }} put={(body) => client.PUT("/api/clinic/triage", { body })} />
      ) : null}
    </>
  );
}
