import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { dayAndTime, language } from "../../i18n";
import type { CallView } from "../../tele/call";
import { Video } from "../../ui/call/video";
import { PageTitle } from "../../ui/page";
import { usePlaceWords } from "./place-words";

/** V2: the place in the queue, how late it is, and what there is to do meanwhile. Spoken politely when it changes. */
export function WaitingRoom({ start, zone, view, stream, children }: {
  /** When the visit was agreed for. */
  start: string;
  zone: string;
  view: CallView;
  /** The own picture; whoever only looks on has none. */
  stream: MediaStream | undefined;
  children?: ReactNode;
}) {
  const { t } = useLingui();
  return (
    <>
      <PageTitle title={t`待合室`} />
      <Place view={view} zone={zone} />
      <p className="lead">{t`医師がお呼びします。このままお待ちください。画面を読み込み直しても、順番は変わりません。`}</p>
      <p>
        {t`予約の時間:`} <strong>{dayAndTime(start, zone, language())}</strong>
      </p>
      {stream ? <Video className="preview" stream={stream} muted label={t`自分の映像`} /> : null}
      {children}
    </>
  );
}

function Place({ view, zone }: { view: CallView; zone: string }) {
  const { t } = useLingui();
  const words = usePlaceWords(zone);
  const { place, position, role, held, late } = view.room;
  const [first, ...more] = place ? words(place, late !== undefined && late > 0) : [position === 1 && role === "patient" ? t`次はあなたの番です` : t`お待ちください`];
  return (
    <div role="status" className="waiting">
      {view.signal === "ready" ? (
        <>
          <p className="waiting-place">{first}</p>
          {more.map((line) => <p key={line}>{line}</p>)}
          {late ? <p>{t`医療機関から: 先生は ${late} 分ほど おくれます。`}</p> : null}
          {held ? <p>{t`医療機関から: もう少しお待ちください。`}</p> : null}
        </>
      ) : (
        <p>{t`待合室につないでいます…`}</p>
      )}
    </div>
  );
}
