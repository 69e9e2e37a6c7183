import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas, type Visit } from "../../api/client";
import { errorOf, ErrorSummary, Failure, type FieldError, fieldErrors, useErrors } from "../../ui/errors";
import { CheckField, SelectField, TextField } from "../../ui/fields";
import { usePlaceKinds } from "../../ui/place-kinds";
import { prefectureOf, useMunicipalities, usePrefectures } from "../../ui/prefectures";
import { SummaryList } from "../../ui/summary-list";
import { useCall } from "../../ui/use-call";

type Place = Schemas["VisitPlace"];
type Wish = Schemas["PlaceWish"];

/**
 * Where the patient is, with whom to call: asked while they wait, so that it delays nobody, and needed before the
 * doctor can let them in. What was said at the visit before is confirmed by one press.
 */
export function PlaceSection({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  const path = { params: { path: { id: visit.booking.id } } };
  const query = api.useQuery("get", "/api/visits/{id}/place", path, { refetchOnWindowFocus: false, refetchOnReconnect: false });
  const [changing, setChanging] = useState(false);
  const said = query.data;
  if (!said) return query.error ? <Failure error={query.error} retry={() => { void query.refetch(); }} /> : null;
  const done = () => {
    setChanging(false);
    void query.refetch();
  };
  return (
    <section className="place" aria-labelledby="place-title">
      <h2 id="place-title">{t`今いる場所`}</h2>
      {said.now && !changing ? <Said place={said.now} onChange={() => { setChanging(true); }} /> : null}
      {!said.now && said.before && !changing ? <Confirm visit={visit} place={said.before} onDone={done} onChange={() => { setChanging(true); }} /> : null}
      {changing || (!said.now && !said.before) ? <PlaceForm visit={visit} known={said.now ?? said.before ?? undefined} onDone={done} /> : null}
    </section>
  );
}

function Facts({ place }: { place: Place }) {
  const { t } = useLingui();
  const kind = usePlaceKinds().find(({ value }) => value === place.kind)?.label ?? place.kind;
  const { name, phone } = place.contact;
  return (
    <SummaryList rows={[
      { term: t`場所`, value: <>{kind}<br /><bdi>{place.area}{place.address}</bdi></> },
      { term: t`緊急のときの連絡先`, value: <><bdi>{name}</bdi> {phone}</> },
    ]} />
  );
}

function Said({ place, onChange }: { place: Place; onChange: () => void }) {
  const { t } = useLingui();
  return (
    <>
      <p role="status">{t`うかがいました。急なときに、この住所へ救急車を呼びます。`}</p>
      <Facts place={place} />
      <p><button type="button" className="link" onClick={onChange}>{t`場所を直す`}</button></p>
    </>
  );
}

function Confirm({ visit, place, onDone, onChange }: { visit: Visit; place: Place; onDone: () => void; onChange: () => void }) {
  const { t } = useLingui();
  const { busy, failure, call } = useCall();
  const { kind, address, municipality_code, contact, reception_site_id } = place;
  const confirm = async () => {
    const body = { kind, address, municipality_code, contact, reception_site_id: reception_site_id ?? null, private: true };
    if (await call(() => client.PUT("/api/visits/{id}/place", { params: { path: { id: visit.booking.id } }, body }))) onDone();
  };
  return (
    <>
      <p>{t`今日も、ここにいますか。まわりに、話を聞かれて困る人はいませんか。`}</p>
      <Facts place={place} />
      {failure ? <Failure error={failure} /> : null}
      <p className="buttons">
        <button type="button" className="button button-solid" disabled={busy} onClick={() => { void confirm(); }}>{t`はい、ここにいます`}</button>
        <button type="button" className="button button-outline" onClick={onChange}>{t`ちがう場所です`}</button>
      </p>
    </>
  );
}

function PlaceForm({ visit, known, onDone }: { visit: Visit; known: Place | undefined; onDone: () => void }) {
  const { t } = useLingui();
  const [prefecture, setPrefecture] = useState(known?.prefecture_code ?? prefectureOf(visit.booking.facility.address));
  const [wish, setWish] = useState<Wish>({
    kind: known?.kind ?? "home",
    address: known?.address ?? "",
    municipality_code: known?.municipality_code ?? "",
    private: false,
    reception_site_id: known?.reception_site_id ?? null,
    contact: known?.contact ?? { name: "", relation: "", phone: "" },
  });
  const [errors, setErrors] = useErrors();
  const { busy, failure, call } = useCall();
  const contact = (change: Partial<Wish["contact"]>) => { setWish({ ...wish, contact: { ...wish.contact, ...change } }); };
  const save = async () => {
    // All that is missing at once: nobody who is ill is sent round twice.
    const needed: FieldError[] = [
      ...(wish.municipality_code ? [] : [{ field: "place-municipality_code", text: t`市区町村を選んでください` }]),
      ...(wish.address.trim() || wish.reception_site_id ? [] : [{ field: "place-address", text: t`そのあとの住所を入れてください` }]),
      ...(wish.contact.name.trim() ? [] : [{ field: "place-contact-name", text: t`緊急のときに連絡する方のお名前を入れてください` }]),
      ...(wish.contact.phone.trim() ? [] : [{ field: "place-contact-phone", text: t`その方の電話番号を入れてください` }]),
      ...(wish.private ? [] : [{ field: "place-private", text: t`話を聞かれて困る人がいないことを、確かめてください。いるときは、電話で医療機関に相談してください。` }]),
    ];
    setErrors(needed);
    if (needed.length > 0) return;
    const done = await call(async () => {
      const answer = await client.PUT("/api/visits/{id}/place", { params: { path: { id: visit.booking.id } }, body: wish });
      setErrors(fieldErrors(answer.error, "place"));
      return answer;
    });
    if (done) onDone();
  };
  const error = (field: string) => errorOf(errors, `place-${field}`);
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <p>{t`急なときに救急車を呼べるよう、診察の前にうかがいます。待ち時間は延びません。`}</p>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      <SelectField id="place-kind" label={t`どこにいますか`} value={wish.kind} options={usePlaceKinds()} onChange={(kind) => { setWish({ ...wish, kind, reception_site_id: null }); }} />
      <SelectField id="place-prefecture" label={t`都道府県`} value={prefecture} options={usePrefectures()} onChange={(value) => {
        setPrefecture(value);
        setWish({ ...wish, municipality_code: "", reception_site_id: null });
      }} />
      <SelectField id="place-municipality_code" label={t`市区町村`} error={error("municipality_code")} value={wish.municipality_code} options={useMunicipalities(prefecture)} onChange={(municipality_code) => { setWish({ ...wish, municipality_code, reception_site_id: null }); }} />
      {wish.kind === "online_care_facility" && prefecture ? <SiteChoice prefecture={prefecture} wish={wish} onChange={setWish} error={error("reception_site_id")} /> : null}
      <TextField id="place-address" label={t`そのあとの住所（建物と部屋も）`} autoComplete="street-address" error={error("address")} value={wish.address} onChange={(address) => { setWish({ ...wish, address }); }} />
      <TextField id="place-contact-name" label={t`緊急のときに連絡する方のお名前`} error={error("contact-name")} value={wish.contact.name} onChange={(name) => { contact({ name }); }} />
      <TextField id="place-contact-relation" optional label={t`その方とのご関係`} error={error("contact-relation")} value={wish.contact.relation} onChange={(relation) => { contact({ relation }); }} />
      <TextField id="place-contact-phone" type="tel" label={t`その方の電話番号`} error={error("contact-phone")} value={wish.contact.phone} onChange={(phone) => { contact({ phone }); }} />
      <CheckField id="place-private" label={t`まわりに、話を聞かれて困る人はいません`} error={error("private")} checked={wish.private} onChange={(value) => { setWish({ ...wish, private: value }); }} />
      <p><button type="submit" className="button button-solid" disabled={busy}>{t`この場所を知らせる`}</button></p>
    </form>
  );
}

/**
 * The reception facilities that are notified and in effect, of the prefecture or the municipality that was chosen. One
 * of them fills in where it is; who is at none of them writes the address.
 */
function SiteChoice({ prefecture, wish, onChange, error }: { prefecture: string; wish: Wish; onChange: (wish: Wish) => void; error: string | undefined }) {
  const { t } = useLingui();
  const chosen = wish.reception_site_id ?? "";
  // What is chosen has set the municipality: the others of the prefecture stay to choose from.
  const municipality = chosen === "" && wish.municipality_code !== "" ? { municipality: wish.municipality_code } : {};
  const query = api.useQuery("get", "/api/reception-facilities", { params: { query: { prefecture, ...municipality } } });
  const items = query.data?.items ?? [];
  if (query.data && items.length === 0 && chosen === "") return <p>{t`ここに届け出のある受診施設は、見つかりません。住所を書いてください。`}</p>;
  const choose = (id: string) => {
    const found = items.find(({ site }) => site.id === id);
    if (!found) {
      onChange({ ...wish, reception_site_id: null });
      return;
    }
    const { site, street } = found;
    onChange({ ...wish, reception_site_id: site.id, municipality_code: site.municipality_code, address: `${street} ${site.name}` });
  };
  return (
    <SelectField
      id="place-reception_site_id"
      label={t`届け出のある受診施設`}
      hint={t`選ぶと、住所が入ります。部屋や席の番号があれば、そのあとに足してください。`}
      error={error}
      value={chosen}
      options={[{ value: "", label: t`この中にはない` }, ...items.map(({ site }) => ({ value: site.id, label: `${site.name}（${site.address}）` }))]}
      onChange={choose}
    />
  );
}
