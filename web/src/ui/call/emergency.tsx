import { useLingui } from "@lingui/react/macro";
import { useLayoutEffect, useRef, useState } from "react";
import { client, type Schemas } from "../../api/client";
import { Failure } from "../errors";
import { useCall } from "../use-call";

const dial = (number: string): string => `tel:${number.replace(/[^\d+]/g, "")}`;

/** Who may press it. Who was invited to the visit is told 119 and the clinic, which their page knows, and where the patient is once they are inside. */
type Presser = { side: "patient" | "clinic"; booking: string } | { side: "guest"; booking: string; telephone: string; inside: boolean };

/**
 * The button for an emergency: 119, the address that the patient confirmed, whom to call, and the nearest partner of the
 * clinic. Opening it is written down, where it tells of the patient. The page and the call stay as they are.
 */
export function Emergency(presser: Presser) {
  const { t } = useLingui();
  const [found, setFound] = useState<Schemas["Emergency"]>();
  const { busy, failure, call } = useCall();
  const title = useRef<HTMLHeadingElement>(null);
  // The button is gone: whoever pressed it goes on reading here, and not at what calls. An address that comes later moves nobody.
  const open = found !== undefined;
  useLayoutEffect(() => {
    if (open) title.current?.focus();
  }, [open]);
  const { side } = presser;
  const tell = async () => {
    if (presser.side === "guest") {
      setFound({ number: "119", telephone: presser.telephone });
      if (!presser.inside) return;
    }
    const path = { params: { path: { id: presser.booking } } };
    const opened = await call(() => (presser.side === "clinic" ? client.POST("/api/clinic/visits/{id}/emergency", path) : client.POST("/api/visits/{id}/emergency", path)));
    // What was closed meanwhile stays closed.
    if (opened) setFound((now) => (side === "guest" && !now ? now : opened));
  };
  if (!found) {
    return (
      <div className="emergency">
        {failure ? <Failure error={failure} /> : null}
        <p className="buttons">
          <button type="button" className="button button-danger" disabled={busy} onClick={() => { void tell(); }}>{t`緊急のとき`}</button>
          {failure ? <a className="button button-danger" href="tel:119">{t`119番に電話する`}</a> : null}
        </p>
      </div>
    );
  }
  const { place, partner } = found;
  const tells = side !== "guest" || place;
  const said: Record<Presser["side"], string> = {
    patient: t`電話をかけても、この画面と診察は続きます。`,
    clinic: t`119番には、患者さんのいる住所を伝えてください。`,
    guest: t`119番には、患者さんのいる場所を伝えてください。患者さんと離れているときは、先に医療機関に電話してください。電話をかけても、この画面と診察は続きます。`,
  };
  return (
    <section className="banner banner-error emergency" aria-labelledby="emergency-title">
      <h2 id="emergency-title" className="banner-title" ref={title} tabIndex={-1}>{t`緊急のとき`}</h2>
      <p><a className="button button-danger button-large" href={dial(found.number)}>{t`119番に電話する`}</a></p>
      <p>{said[side]}</p>
      {failure ? <Failure error={failure} /> : null}
      <dl>
        {tells ? (
          <>
            <dt>{t`患者さんのいる住所`}</dt>
            <dd><bdi>{place ? place.area + place.address : t`まだうかがっていません`}</bdi></dd>
            {place?.contact ? <dt>{t`緊急のときの連絡先`}</dt> : null}
            {place?.contact ? <dd><bdi>{place.contact.name}</bdi> <a className="tel" href={dial(place.contact.phone)}>{place.contact.phone}</a></dd> : null}
            <dt>{t`近くの連携医療機関`}</dt>
            <dd>
              {partner ? <><bdi>{partner.name}</bdi> <a className="tel" href={dial(partner.telephone)}>{partner.telephone}</a><br />{partner.address}</> : t`この都道府県には、登録がありません`}
            </dd>
          </>
        ) : null}
        {side === "clinic" ? null : <dt>{t`この医療機関`}</dt>}
        {side === "clinic" ? null : <dd><a className="tel" href={dial(found.telephone)}>{found.telephone}</a></dd>}
      </dl>
      <p><button type="button" className="button button-outline" onClick={() => { setFound(undefined); }}>{t`とじる`}</button></p>
    </section>
  );
}
