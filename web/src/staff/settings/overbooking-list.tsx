import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client } from "../../api/client";
import { Failure } from "../../ui/errors";
import { TextField } from "../../ui/fields";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../use-call";

/** Named capacities beside the ordinary one: only staff use them, with a reason that is kept. */
export function OverbookingList() {
  const { t } = useLingui();
  const lanes = api.useQuery("get", "/api/clinic/overbookings");
  const [name, setName] = useState("");
  const { busy, failure, call } = useCall();
  const items = lanes.data?.items ?? [];
  const add = async () => {
    if (!await call(() => client.POST("/api/clinic/overbookings", { body: { name: name.trim() } }))) return;
    setName("");
    void lanes.refetch();
  };
  const close = async (id: string) => {
    if (await call(() => client.DELETE("/api/clinic/overbookings/{id}", { params: { path: { id } } })) !== undefined) void lanes.refetch();
  };
  return (
    <section aria-labelledby="lanes-title">
      <h2 id="lanes-title">{t`重ねて受けるための枠`}</h2>
      <p>{t`ふつうの予約と同じ時間に、職員だけが理由を書いて入れられる枠です。患者さんには出しません。`}</p>
      <QueryState query={lanes} />
      {failure ? <Failure error={failure} /> : null}
      {lanes.data && items.length === 0 ? <p>{t`枠はありません。`}</p> : null}
      <ul className="plain">
        {items.map((one) => (
          <li key={one.id}>
            {one.name}{" "}
            <button type="button" className="link" aria-label={t`${one.name} をやめる`} onClick={() => { void close(one.id); }}>{t`やめる`}</button>
          </li>
        ))}
      </ul>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}>
        <TextField id="lane-name" width="medium" label={t`枠の名前（急な痛みの枠、など）`} value={name} onChange={setName} />
        <button type="submit" className="button button-outline" disabled={busy || name.trim() === ""}>{t`枠を足す`}</button>
      </form>
    </section>
  );
}
