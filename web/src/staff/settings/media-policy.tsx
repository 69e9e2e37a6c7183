import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { Banner } from "../../ui/banner";
import { Failure } from "../../ui/errors";
import { RadioGroup } from "../../ui/fields";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../use-call";

type Policy = Schemas["MediaPolicy"];

/** Which ways picture and sound may take. */
export function MediaPolicySection() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/media-policy", undefined, { refetchOnWindowFocus: false });
  const [saved, setSaved] = useState(false);
  return (
    <section aria-labelledby="media-policy-title">
      <h2 id="media-policy-title">{t`映像と音声の通り道`}</h2>
      <QueryState query={query} />
      {saved ? <Banner kind="success" live title={t`保存しました`} /> : null}
      {query.data ? (
        <PolicyForm key={query.data.version} stands={query.data} onEdit={() => { setSaved(false); }} onSaved={() => {
          setSaved(true);
          void query.refetch();
        }} />
      ) : null}
    </section>
  );
}

function PolicyForm({ stands, onEdit, onSaved }: { stands: Policy; onEdit: () => void; onSaved: () => void }) {
  const { t } = useLingui();
  const [policy, setPolicy] = useState(stands.policy);
  const { busy, failure, call } = useCall();
  if (stands.policy === "all" && stands.effective === "relay") {
    return <Banner kind="info" title={t`このサーバーでは、いつも中継サーバーだけを通ります`} />;
  }
  if (!stands.has_relay) return <Banner kind="info" title={t`中継サーバーがないため、映像と音声は直接やりとりされます`} />;
  const save = async () => {
    onEdit();
    if (!await call(() => client.PUT("/api/clinic/media-policy", { body: { policy, version: stands.version } }))) return;
    onSaved();
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      {failure ? <Failure error={failure} /> : null}
      <RadioGroup
        id="media-policy"
        legend={t`診察中の映像と音声を、どこに通しますか`}
        hint={t`中継サーバーだけにすると、患者さんと医師は、たがいの IP アドレスを知ることがありません。次の診察から変わります。`}
        value={policy}
        onChange={(next) => {
          onEdit();
          setPolicy(next);
        }}
        options={[
          { value: "all", label: t`できるときは直接（遅れが少ない）` },
          { value: "relay", label: t`中継サーバーだけ（アドレスを見せない）` },
        ]}
      />
      <button type="submit" className="button button-outline" disabled={busy || policy === stands.policy}>{t`通り道を保存する`}</button>
    </form>
  );
}
