import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { clockOfMinutes, dayName, language } from "../../i18n";
import { Failure } from "../../ui/errors";

/** What this browser's people wait for, each with its way out. */
export function WaitingList() {
  const { t } = useLingui();
  const list = api.useQuery("get", "/api/waitlist");
  const [failure, setFailure] = useState<unknown>(null);
  const leave = async (id: string) => {
    setFailure(null);
    try {
      const { error } = await client.DELETE("/api/waitlist/{id}", { params: { path: { id } } });
      if (error) setFailure(error);
      await list.refetch();
    } catch (error) {
      setFailure(error);
    }
  };
  if (!list.data || list.data.items.length === 0) return null;
  return (
    <section aria-labelledby="waiting-title">
      <h2 id="waiting-title">{t`空きを待っています`}</h2>
      {failure ? <Failure error={failure} /> : null}
      <ul className="cards">
        {list.data.items.map((wish) => (
          <li className="card" key={wish.id}>
            <Wish wish={wish} onLeave={() => { void leave(wish.id); }} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Wish({ wish, onLeave }: { wish: Schemas["WaitlistJson"]; onLeave: () => void }) {
  const { t } = useLingui();
  const service = language() === "en" && wish.service_en ? wish.service_en : wish.service_ja;
  return (
    <>
      <h3>{wish.facility_name}</h3>
      <p>{service}</p>
      <p>{t`${dayName(wish.from, language())}から${dayName(wish.until, language())}まで、${clockOfMinutes(wish.from_minute)}〜${clockOfMinutes(wish.until_minute)}`}</p>
      <p>
        <button type="button" className="button button-outline" aria-label={t`${wish.facility_name} の空きを待つのをやめる`} onClick={onLeave}>
          {t`待つのをやめる`}
        </button>
      </p>
    </>
  );
}
