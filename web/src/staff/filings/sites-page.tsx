import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { errorOf, ErrorSummary, Failure, fieldErrors, useErrors } from "../../ui/errors";
import { CheckField, SelectField, TextField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { useMunicipalities, usePrefectures } from "../../ui/prefectures";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../use-call";
import { useReceptionKinds } from "./reception-kinds";

type Place = Schemas["ReceptionPlace"];
type Entry = Omit<Schemas["ReceptionWish"], "usage_fee"> & { usage_fee: string };

const EMPTY: Entry = {
  version: 0, operator_name: "", name: "", kind: "booth", address: "", municipality_code: "", telephone: "", contact_24h: "", usage_fee: "0", open_hours: "", has_nurse: false,
};

/** The reception facilities (オンライン診療受診施設) that the account runs. */
export function SitesPage() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/reception/sites");
  const changed = () => { void query.refetch(); };
  return (
    <>
      <PageTitle title={t`受診施設`} />
      <p>{t`オンライン診療を受ける場所を、事業として提供する施設です。名前に病院や診療所と紛らわしい言葉は使えません。`}</p>
      <QueryState query={query} />
      {query.data?.items.map((place) => <One key={`${place.site.id}${place.site.version}`} place={place} onChanged={changed} />)}
      <details open={query.data?.items.length === 0}>
        <summary>{t`施設を登録する`}</summary>
        <SiteForm key={query.data?.items.length ?? 0} id={null} first={EMPTY} onDone={changed} />
      </details>
    </>
  );
}

function One({ place, onChanged }: { place: Place; onChanged: () => void }) {
  const { t } = useLingui();
  const { id, ...site } = place.site;
  return (
    <section className="panel" aria-label={site.name}>
      <h2>{site.name}</h2>
      <p>{site.operator_name}　{site.address}　{t`利用料 ${site.usage_fee}円`}</p>
      <Clinics place={place} onChanged={onChanged} />
      <Rooms place={place} onChanged={onChanged} />
      <details>
        <summary>{t`登録した内容を変える`}</summary>
        <SiteForm id={id} first={{ ...site, usage_fee: String(site.usage_fee) }} onDone={onChanged} />
      </details>
    </section>
  );
}

function Clinics({ place, onChanged }: { place: Place; onChanged: () => void }) {
  const { t } = useLingui();
  const facilities = api.useQuery("get", "/api/facilities", { params: { query: {} } });
  const [facility, setFacility] = useState("");
  const { busy, failure, call } = useCall();
  const path = { id: place.site.id };
  const ask = async () => {
    if (await call(() => client.POST("/api/reception/sites/{id}/links", { params: { path }, body: { facility_id: facility } }))) {
      setFacility("");
      onChanged();
    }
  };
  const unlink = async (other: string) => {
    if (await call(() => client.DELETE("/api/reception/sites/{id}/links/{facility}", { params: { path: { ...path, facility: other } } }))) onChanged();
  };
  const known = new Set(place.links.map((link) => link.facility_id));
  const options = (facilities.data?.items ?? []).filter((one) => !known.has(one.id)).map((one) => ({ value: one.id, label: one.name }));
  return (
    <>
      <h3>{t`連携する医療機関`}</h3>
      {failure ? <Failure error={failure} /> : null}
      <ul>
        {place.links.map((link) => (
          <li key={link.facility_id}>
            {t`${link.facility_name}：${link.confirmed_at ? t`確認済み` : t`医療機関の確認待ち`}`}{" "}
            <button type="button" className="link" disabled={busy} aria-label={t`${link.facility_name} との連携をやめる`} onClick={() => { void unlink(link.facility_id); }}>{t`連携をやめる`}</button>
          </li>
        ))}
      </ul>
      <form className="inline-form" onSubmit={(event) => {
        event.preventDefault();
        if (facility) void ask();
      }}>
        <SelectField id={`facility-${place.site.id}`} label={t`連携をお願いする医療機関`} value={facility} onChange={setFacility} options={[{ value: "", label: t`選んでください` }, ...options]} />
        <button type="submit" className="button button-outline" disabled={busy || !facility}>{t`お願いする`}</button>
      </form>
    </>
  );
}

function Rooms({ place, onChanged }: { place: Place; onChanged: () => void }) {
  const { t } = useLingui();
  const [name, setName] = useState("");
  const { busy, failure, call } = useCall();
  const add = async () => {
    if (await call(() => client.POST("/api/reception/sites/{id}/rooms", { params: { path: { id: place.site.id } }, body: { name } }))) {
      setName("");
      onChanged();
    }
  };
  const remove = async (room: string) => {
    if (await call(() => client.DELETE("/api/reception/sites/{id}/rooms/{room}", { params: { path: { id: place.site.id, room } } }))) onChanged();
  };
  return (
    <>
      <h3>{t`部屋`}</h3>
      {failure ? <Failure error={failure} /> : null}
      <ul>
        {place.rooms.map((room) => (
          <li key={room.id}>
            {room.name}{" "}
            <button type="button" className="link" disabled={busy} aria-label={t`部屋「${room.name}」をなくす`} onClick={() => { void remove(room.id); }}>{t`なくす`}</button>
          </li>
        ))}
      </ul>
      <form className="inline-form" onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}>
        <TextField id={`room-${place.site.id}`} label={t`部屋の名前`} value={name} onChange={setName} />
        <button type="submit" className="button button-outline" disabled={busy || !name.trim()}>{t`部屋を足す`}</button>
      </form>
    </>
  );
}

function SiteForm({ id, first, onDone }: { id: string | null; first: Entry; onDone: () => void }) {
  const { t } = useLingui();
  const [entry, setEntry] = useState<Entry>(first);
  const [prefecture, setPrefecture] = useState(first.municipality_code.slice(0, 2) || "13");
  const [errors, setErrors] = useErrors();
  const { busy, failure, call } = useCall();
  const at = id ?? "new";
  const put = (part: Partial<Entry>) => { setEntry({ ...entry, ...part }); };
  const save = async () => {
    const fee = Number(entry.usage_fee);
    if (!Number.isInteger(fee)) {
      setErrors([{ field: `${at}-usage_fee`, text: t`利用料は円で、数字だけを入れてください` }]);
      return;
    }
    const body = { ...entry, usage_fee: fee };
    const done = await call(async () => {
      const answer = id ? await client.PUT("/api/reception/sites/{id}", { params: { path: { id } }, body }) : await client.POST("/api/reception/sites", { body });
      setErrors(fieldErrors(answer.error, at));
      return answer;
    });
    if (done) onDone();
  };
  const field = (name: "operator_name" | "name" | "address" | "telephone" | "contact_24h" | "usage_fee" | "open_hours") => ({
    id: `${at}-${name}`, error: errorOf(errors, `${at}-${name}`), value: entry[name], onChange: (text: string) => { put({ [name]: text }); },
  });
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      <TextField label={t`設置者の氏名または名称`} {...field("operator_name")} />
      <TextField label={t`施設の名前`} {...field("name")} />
      <SelectField id={`${at}-kind`} label={t`施設の種類`} value={entry.kind} options={useReceptionKinds()} onChange={(kind) => { put({ kind }); }} />
      <SelectField id={`${at}-prefecture`} label={t`都道府県`} value={prefecture} options={usePrefectures()} onChange={(value) => {
        setPrefecture(value);
        put({ municipality_code: "" });
      }} />
      <SelectField id={`${at}-municipality_code`} label={t`市区町村`} error={errorOf(errors, `${at}-municipality_code`)} value={entry.municipality_code} options={useMunicipalities(prefecture)} onChange={(municipality_code) => { put({ municipality_code }); }} />
      <TextField label={t`住所（車両は置き場所）`} {...field("address")} />
      <TextField type="tel" label={t`電話番号`} {...field("telephone")} />
      <TextField label={t`24時間の連絡先（機器の故障・急変のとき）`} {...field("contact_24h")} />
      <TextField inputMode="numeric" width="short" label={t`利用料（円。診療の費用とは別）`} {...field("usage_fee")} />
      <TextField optional label={t`開いている時間`} {...field("open_hours")} />
      <CheckField id={`${at}-has_nurse`} label={t`看護師などが手伝う`} checked={entry.has_nurse} onChange={(has_nurse) => { put({ has_nurse }); }} />
      <button type="submit" className="button button-outline" disabled={busy}>{id ? t`変えた内容を保存する` : t`この施設を登録する`}</button>
    </form>
  );
}
