import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { CallView } from "../../tele/call";
import { type Person, useOthers } from "./people";
import { ScreenTile, Tile } from "./tile";
import { Video } from "./video";

/** Who speaks and who interprets can both be kept in view, and nobody else: three would be as small as all. */
const PINNED_MOST = 2;

/** Who is shown large: whoever was chosen and is still there; with a screen on show nobody. */
export function pinnedOf(faces: readonly Pick<Person, "id" | "screen">[], chosen: readonly string[]): string[] {
  if (faces.some((face) => face.screen)) return [];
  return chosen.filter((id) => faces.some((face) => face.id === id));
}

/** The pictures of a call: the other one large and oneself small; several in a grid; a screen before all of them. Whoever only looks on has no picture of their own. */
export function Tiles({ view, local, onMute }: { view: CallView; local: MediaStream | undefined; onMute: ((participant: string) => void) | undefined }) {
  const { t } = useLingui();
  const [chosen, setChosen] = useState<string[]>([]);
  const { faces, onlookers } = useOthers(view);
  const pinned = pinnedOf(faces, chosen);
  const screens = faces.filter((face) => face.screen);
  const pin = (id: string) => {
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].slice(-PINNED_MOST));
  };
  const front = screens.length > 0 || pinned.length > 0;
  const names = onlookers.join(t`、`);
  return (
    <>
      <div className={`tiles tiles-${Math.min(faces.length, 5)}${front ? " tiles-front" : ""}`}>
        {screens.map((person) => <ScreenTile key={`${person.id} screen`} person={person} />)}
        {faces.map((person) => (
          <Tile key={person.id} person={person} large={pinned.includes(person.id)} onPin={faces.length > 1 && screens.length === 0 ? () => { pin(person.id); } : undefined} onMute={onMute && (() => { onMute(person.id); })} />
        ))}
        {local ? (
          <figure className="tile tile-self">
            <Video className="tile-picture" stream={local} muted label={t`自分の映像`} />
            {view.video && !view.spared ? null : <p className="tile-dark">{view.spared ? t`声だけ` : t`カメラ 切`}</p>}
            <figcaption className="tile-name">{t`あなた`}</figcaption>
          </figure>
        ) : null}
      </div>
      {names ? <p className="onlookers">{t`ほかに入っている人: ${names}`}</p> : null}
    </>
  );
}
