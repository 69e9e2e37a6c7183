import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Verdict } from "../../tele/score";
import type { Person } from "./people";
import { Video } from "./video";

/** The word for how picture and sound come through. */
export function useVerdictName(): (verdict: Verdict) => string {
  const { t } = useLingui();
  const words: Record<Verdict, string> = { good: t`良い`, fair: t`ふつう`, poor: t`悪い`, lost: t`途切れています` };
  return (verdict) => words[verdict];
}

/** Bars like those of a telephone; the word beside them says the same. */
const BARS: Record<Verdict, string> = { good: "▮▮▮", fair: "▮▮▯", poor: "▮▯▯", lost: "▯▯▯" };

/** How good a line is, as bars and as a word. */
export function Line({ verdict }: { verdict: Verdict | undefined }) {
  const { t } = useLingui();
  const name = useVerdictName();
  if (!verdict) return null;
  return (
    <span className={`line line-${verdict}`}>
      <span aria-hidden="true">{BARS[verdict]}</span> {t`回線: ${name(verdict)}`}
    </span>
  );
}

/** One of the others: the picture, who it is, and what is switched off. */
export function Tile({ person, large, onPin, onMute }: {
  person: Person;
  large: boolean;
  onPin?: (() => void) | undefined;
  /** Asks the person to switch their microphone off. */
  onMute?: (() => void) | undefined;
}) {
  const { t } = useLingui();
  const { label } = person;
  return (
    <figure className={`tile${large ? " tile-large" : ""}`} data-role={person.role}>
      <Video className="tile-picture" stream={person.camera} label={t`${label} の映像`} />
      {person.video ? null : (
        <p className="tile-dark">{person.spared ? t`回線が弱いため、映像を止めています。声は届いています。` : t`カメラを止めています`}</p>
      )}
      <figcaption className="tile-name">
        <bdi>{label}</bdi> <Line verdict={person.verdict} />
        <span role="status">
          {person.away ? <span className="tile-mark">{t`つなぎ直しています`}</span> : null}
          {person.audio ? null : <span className="tile-mark">{t`マイク 切`}</span>}
        </span>
        {onMute && person.audio ? <AskToMute label={label} onAsk={onMute} /> : null}
        {onPin ? (
          <button type="button" className="tile-deed" aria-pressed={large} aria-label={t`${label} を大きく見る`} onClick={onPin}>
            {t`大きく見る`}
          </button>
        ) : null}
      </figcaption>
    </figure>
  );
}

/** Only the person can switch the microphone off; that they were asked is said here until they do. */
function AskToMute({ label, onAsk }: { label: string; onAsk: () => void }) {
  const { t } = useLingui();
  const [asked, setAsked] = useState(false);
  return (
    <>
      <span role="status">{asked ? t`消音を頼みました` : ""}</span>
      <button type="button" className="tile-deed" aria-label={t`${label}: 消音を頼む`} onClick={() => {
        onAsk();
        setAsked(true);
      }}>
        {t`消音を頼む`}
      </button>
    </>
  );
}

/** A screen that somebody shows. */
export function ScreenTile({ person }: { person: Person }) {
  const { t } = useLingui();
  const { label } = person;
  return (
    <figure className="tile tile-large tile-screen" data-screen={person.role}>
      <Video className="tile-picture" stream={person.screen} muted label={t`${label} の画面`} />
      <figcaption className="tile-name">{t`${label} が画面を見せています`}</figcaption>
    </figure>
  );
}
