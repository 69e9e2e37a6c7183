import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { api, type FacilityCard } from "../api/client";
import { dayAndTime, language } from "../i18n";
import { TextField } from "../ui/fields";
import { PageTitle } from "../ui/page";
import { QueryState } from "../ui/query-state";
import { LanguageNames } from "./language-names";
import { clinicName } from "./service";

/** A0: clinics with their next free times, by words and by municipality. */
export function SearchPage() {
  const { t } = useLingui();
  const [search, setSearch] = useSearchParams();
  const [q, setQ] = useState(search.get("q") ?? "");
  const municipality = search.get("municipality") ?? "";
  const asked = search.get("q") ?? "";
  const query = { ...(asked ? { q: asked } : {}), ...(municipality ? { municipality } : {}) };
  const list = api.useQuery("get", "/api/facilities", { params: { query } });
  const places = api.useQuery("get", "/api/places", undefined, { staleTime: 600_000 });
  const go = (words: string, place: string) => {
    setSearch({ ...(words ? { q: words } : {}), ...(place ? { municipality: place } : {}) });
  };
  return (
    <>
      <PageTitle title={t`オンライン診療を予約する`} />
      <p className="lead">{t`家から、ビデオで医師の診察を受けられます。登録やアプリはいりません。`}</p>
      <form className="search" role="search" onSubmit={(event) => {
        event.preventDefault();
        go(q.trim(), municipality);
      }}>
        <TextField id="q" type="search" label={t`医療機関の名前、診療科、ことば`} value={q} onChange={setQ} />
        <div className="field">
          <label htmlFor="municipality">{t`区市町村`}</label>
          <select id="municipality" className="input select" value={municipality} onChange={(event) => { go(q.trim(), event.target.value); }}>
            <option value="">{t`すべて`}</option>
            {places.data?.items.map((place) => (
              <option key={place.code} value={place.code}>
                {place.name}
              </option>
            ))}
          </select>
        </div>
        <button type="submit" className="button button-solid">
          {t`さがす`}
        </button>
      </form>
      <h2>{t`医療機関`}</h2>
      <QueryState query={list} />
      {list.data ? <p role="status">{t`${list.data.items.length} 件見つかりました`}</p> : null}
      <ul className="cards">
        {list.data?.items.map((card) => (
          <li key={card.id}>
            <Card card={card} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Card({ card }: { card: FacilityCard }) {
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
        <p className="card-next">
          {t`いちばん早い時間:`} <strong>{dayAndTime(next.start, card.zone, language())}</strong>
        </p>
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
