import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { Banner } from "../../ui/banner";
import { CopyButton } from "../../ui/copy-button";
import { Failure } from "../../ui/errors";
import { TextField } from "../../ui/fields";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../use-call";

/** Addresses at which the clinic's own programs hear of its bookings. */
export function WebhookList() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/webhooks");
  const [url, setUrl] = useState("");
  const [added, setAdded] = useState<Schemas["WebhookAdded"]>();
  const [said, setSaid] = useState("");
  const { busy, failure, call } = useCall();
  const items = query.data?.items ?? [];
  const add = async () => {
    const made = await call(() => client.POST("/api/clinic/webhooks", { body: { url: url.trim() } }));
    if (!made) return;
    setAdded(made);
    setUrl("");
    void query.refetch();
  };
  const remove = async (id: string) => {
    if (await call(() => client.DELETE("/api/clinic/webhooks/{id}", { params: { path: { id } } })) === undefined) return;
    if (added?.item.id === id) setAdded(undefined);
    void query.refetch();
  };
  const test = async (one: Schemas["Webhook"]) => {
    const tried = await call(() => client.POST("/api/clinic/webhooks/{id}/test", { params: { path: { id: one.id } } }));
    if (tried) setSaid(tried.taken ? t`${one.url} に届きました` : t`${one.url} に届きませんでした（${tried.reason ?? ""}）`);
  };
  return (
    <section aria-labelledby="webhooks-title">
      <h2 id="webhooks-title">{t`プログラムへの知らせ（Webhook）`}</h2>
      <p>{t`予約の変化を、医療機関のプログラムに署名つきで知らせます。患者さんの名前や症状は送りません。`}</p>
      <QueryState query={query} />
      {failure ? <Failure error={failure} /> : null}
      <p role="status">{said}</p>
      {added ? (
        <Banner kind="success" live title={t`加えました。署名を確かめる鍵です。この画面でだけ見られます`}>
          <p>
            <code>{added.secret}</code> <CopyButton text={added.secret} label={t`鍵をコピーする`} />
          </p>
        </Banner>
      ) : null}
      <ul className="plain">
        {items.map((one) => (
          <li key={one.id}>
            {one.url}{" "}
            <button type="button" className="link" aria-label={t`${one.url} を試す`} disabled={busy} onClick={() => { void test(one); }}>{t`試す`}</button>{" "}
            <button type="button" className="link" aria-label={t`${one.url} をやめる`} onClick={() => { void remove(one.id); }}>{t`やめる`}</button>
          </li>
        ))}
      </ul>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}>
        <TextField id="webhook-url" label={t`知らせる先（https://…）`} value={url} onChange={setUrl} />
        <button type="submit" className="button button-outline" disabled={busy || url.trim() === ""}>{t`加える`}</button>
      </form>
    </section>
  );
}
