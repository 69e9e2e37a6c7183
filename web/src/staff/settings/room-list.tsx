import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client } from "../../api/client";
import { Failure } from "../../ui/errors";
import { TextField } from "../../ui/fields";
import { municipalityName } from "../../ui/prefectures";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../use-call";

const EMPTY = { site: "", address: "", municipality_code: "", telephone: "", name: "" };

/** Rooms of reception facilities (オンライン診療受診施設) in which a clinic's patients are received. */
export function RoomList() {
  const { t } = useLingui();
  const rooms = api.useQuery("get", "/api/clinic/rooms");
  const places = api.useQuery("get", "/api/places");
  const [entry, setEntry] = useState(EMPTY);
  const [site, setSite] = useState("");
  const { busy, failure, call } = useCall();
  const items = rooms.data?.items ?? [];
  const sites = [...new Map(items.map((one) => [one.site.id, one.site])).values()];
  const put = (part: Partial<typeof EMPTY>) => { setEntry({ ...entry, ...part }); };
  const add = async () => {
    const where = site
      ? { site_id: site }
      : { site: { name: entry.site.trim(), address: entry.address.trim(), municipality_code: entry.municipality_code, telephone: entry.telephone.trim() } };
    const done = await call(() => client.POST("/api/clinic/rooms", { body: { ...where, name: entry.name.trim() } }));
    if (!done) return;
    setEntry(EMPTY);
    void rooms.refetch();
  };
  const close = async (id: string) => {
    if (await call(() => client.DELETE("/api/clinic/rooms/{id}", { params: { path: { id } } })) !== undefined) void rooms.refetch();
  };
  return (
    <section aria-labelledby="rooms-title">
      <h2 id="rooms-title">{t`受診施設の部屋`}</h2>
      <p>{t`自宅などで受けられない患者さんが、オンライン診療を受ける部屋です。部屋が要る診療は、部屋も空いている時間だけ出します。`}</p>
      <QueryState query={rooms} />
      {rooms.data && items.length === 0 ? <p>{t`部屋はありません。`}</p> : null}
      <ul className="plain">
        {items.map((one) => (
          <li key={one.id}>
            {one.site.name} {one.name} <span className="small">{one.site.address}</span>{" "}
            <button type="button" className="link" aria-label={t`${one.site.name} ${one.name} をやめる`} onClick={() => { void close(one.id); }}>{t`やめる`}</button>
          </li>
        ))}
      </ul>
      <details>
        <summary>{t`部屋を足す`}</summary>
        <form noValidate onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}>
          {failure ? <Failure error={failure} /> : null}
          {sites.length > 0 ? (
            <div className="field">
              <label htmlFor="room-site-id">{t`受診施設`}</label>
              <select id="room-site-id" className="input select" value={site} onChange={(event) => { setSite(event.target.value); }}>
                <option value="">{t`新しい受診施設`}</option>
                {sites.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
              </select>
            </div>
          ) : null}
          {site ? null : (
            <>
              <TextField id="room-site" label={t`受診施設の名前`} value={entry.site} onChange={(value) => { put({ site: value }); }} />
              <div className="field">
                <label htmlFor="room-municipality">{t`区市町村`}</label>
                <select id="room-municipality" className="input select" value={entry.municipality_code} onChange={(event) => { put({ municipality_code: event.target.value }); }}>
                  <option value="">{t`選んでください`}</option>
                  {(places.data?.items ?? []).map((one) => <option key={one.code} value={one.code}>{municipalityName(one)}</option>)}
                </select>
              </div>
              <TextField id="room-address" label={t`住所`} value={entry.address} onChange={(address) => { put({ address }); }} />
              <TextField id="room-telephone" type="tel" label={t`電話番号`} value={entry.telephone} onChange={(telephone) => { put({ telephone }); }} />
            </>
          )}
          <TextField id="room-name" label={t`部屋の名前`} value={entry.name} onChange={(name) => { put({ name }); }} />
          <button type="submit" className="button button-outline" disabled={busy}>{t`部屋を足す`}</button>
        </form>
      </details>
    </section>
  );
}
