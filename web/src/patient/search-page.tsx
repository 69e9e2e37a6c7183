import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { api, type Schemas } from "../api/client";
import { dateOf, dayAndTime, language } from "../i18n";
import { SelectField, TextField } from "../ui/fields";
import { PageTitle } from "../ui/page";
import { municipalityName } from "../ui/prefectures";
import { QueryState } from "../ui/query-state";
import { LanguageNames, languageNames } from "./language-names";
import { clinicName } from "./service";

/** How many clinics are shown at first, and how many more each time. */
const STEP = 50;

/** What can be asked for, each as a part of the address. */
const PARTS = ["q", "area", "municipality", "department", "language", "visit"] as const;
type Part = (typeof PARTS)[number];
type Wish = Partial<Record<Part, string>>;

/** A0: clinics with their next free times, by words and by what one needs. */
export function SearchPage() {
  const { t } = useLingui();
  const [search, setSearch] = useSearchParams();
  const [q, setQ] = useState(search.get("q") ?? "");
  const [limit, setLimit] = useState(STEP);
  const wish = Object.fromEntries(PARTS.flatMap((part) => {
    const value = search.get(part);
    return value ? [[part, value]] : [];
  })) as Wish;
  const { visit, ...rest } = wish;
  const list = api.useQuery("get", "/api/facilities", { params: { query: { ...rest, ...(visit === "first" || visit === "repeat" ? { visit } : {}), limit } } });
  const go = (change: Wish) => {
    setLimit(STEP);
    const next = { ...wish, q: q.trim(), ...change };
    setSearch(Object.fromEntries(Object.entries(next).filter(([, value]) => value)));
  };
  const total = list.data?.total ?? 0;
  return (
    <>
      <PageTitle title={t`オンライン診療を予約する`} />
      <p className="lead">{t`家から、ビデオで医師の診察を受けられます。登録やアプリはいりません。`}</p>
      <form className="search" role="search" onSubmit={(event) => {
        event.preventDefault();
        go({});
      }}>
        <TextField id="q" type="search" label={t`医療機関の名前、診療科、ことば`} value={q} onChange={setQ} />
        <Filters wish={wish} onWish={go} />
        <button type="submit" className="button button-solid">
          {t`さがす`}
        </button>
      </form>
      <h2>{t`医療機関`}</h2>
      <QueryState query={list} />
      {list.data ? <p role="status">{t`${total} 件見つかりました`}</p> : null}
      <ul className="cards">
        {list.data?.items.map((card) => (
          <li key={card.id}>
            <Card card={card} />
          </li>
        ))}
      </ul>
      {list.data?.next_cursor ? (
        <button type="button" className="button button-outline" onClick={() => { setLimit(limit + STEP); }}>
          {t`もっと見る`}
        </button>
      ) : null}
    </>
  );
}

/** Native selects of what there is to choose. */
function Filters({ wish, onWish }: { wish: Wish; onWish: (change: Wish) => void }) {
  const { t } = useLingui();
  const choices = api.useQuery("get", "/api/search-choices", undefined, { staleTime: 600_000 });
  const areas = choices.data?.areas ?? [];
  const places = areas.filter((area) => !wish.area || area.name === wish.area).flatMap((area) => area.municipalities);
  const all = { value: "", label: t`すべて` };
  const select = (id: Part, label: string, options: { value: string; label: string }[], change = (value: string): Wish => ({ [id]: value })) => (
    <SelectField id={id} label={label} value={wish[id] ?? ""} options={[all, ...options]} onChange={(value) => { onWish(change(value)); }} />
  );
  return (
    <>
      {select("area", t`地域`, areas.map((area) => ({ value: area.name, label: language() === "en" && area.name_en ? area.name_en : area.name })), (area) => ({ area, municipality: "" }))}
      {select("municipality", t`区市町村`, places.map((place) => ({ value: place.code, label: municipalityName(place) })))}
      {select("department", t`診療科`, (choices.data?.departments ?? []).map(({ name }) => ({ value: name, label: name })))}
      {select("language", t`話せることば`, (choices.data?.languages ?? []).map(({ tag }) => ({ value: tag, label: languageNames([tag], language()) })))}
      {select("visit", t`はじめてか、2回目からか`, [{ value: "first", label: t`はじめて` }, { value: "repeat", label: t`2回目から` }])}
    </>
  );
}

function Card({ card }: { card: Schemas["FoundFacility"] }) {
  const { t } = useLingui();
  const next = card.next_free[0];
  return (
    <article className="card">
      <h3>
        <Link to={`/clinics/${card.id}`}>{clinicName(card, language())}</Link>
      </h3>
      <p className="card-kana">{card.kana}</p>
      <p>{card.address}</p>
      <p>
        {card.departments.join("・")}
        {" ｜ "}
        <LanguageNames tags={card.languages} />
      </p>
      {next ? (
        <>
          <p className="card-next">{t`早い時間（その日の空き ${card.free_count} 件）:`}</p>
          <ul>
            {card.next_free.map((free) => (
              <li key={free.start}>
                <Link to={`/clinics/${card.id}/times?service=${free.service_id}&from=${dateOf(new Date(free.start), card.zone)}`}>{dayAndTime(free.start, card.zone, language())}</Link>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p className="card-next card-none">{t`予約できる時間がありません`}</p>
      )}
      <p className="card-actions">
        {next ? (
          <Link className="button button-solid" to={`/clinics/${card.id}/times?service=${next.service_id}`} aria-label={t`${clinicName(card, language())} の日時を選ぶ`}>
            {t`日時を選ぶ`}
          </Link>
        ) : null}
        <a className="tel" href={`tel:${card.telephone.replace(/[^\d+]/g, "")}`}>
          {t`電話 ${card.telephone}`}
        </a>
      </p>
    </article>
  );
}
