import { useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import type { Visit } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import type { CallView } from "../../tele/call";
import { closeMedia, type MediaFault, mediaFaultOf, openMedia } from "../../tele/devices";
import { CallScreen } from "../../ui/call/call-screen";
import { DoctorPanel } from "../../ui/call/doctor-panel";
import { Emergency } from "../../ui/call/emergency";
import { MediaHelp } from "../../ui/call/media-help";
import { useCall } from "../../ui/call/use-call";
import { Video } from "../../ui/call/video";
import { Busy, PageTitle } from "../../ui/page";
import { Telephone } from "../../ui/telephone";
import type { Kit } from "./app";
import { Ended } from "./ended";
import { PlaceSection } from "./place-page";

/** V2 to V4. After a reload the camera is opened again and the place in the queue is the same: the server keeps it. */
export function RoomPage({ visit, kit, onKit }: { visit: Visit; kit: Kit; onKit: (kit: Kit) => void }) {
  const { t } = useLingui();
  const [fault, setFault] = useState<MediaFault>();
  const { stream } = kit;
  useEffect(() => {
    if (stream) return;
    openMedia().then((opened) => { onKit({ ...kit, stream: opened }); }, (error: unknown) => { setFault(mediaFaultOf(error)); });
    // Once: what the kit holds besides the stream does not matter here.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [stream]);
  if (stream) return <Room visit={visit} stream={stream} kit={kit} onKit={onKit} />;
  if (!fault) return <Busy />;
  return (
    <>
      <PageTitle title={t`カメラとマイクの確認`} failed />
      <MediaHelp fault={fault} userAgent={navigator.userAgent} address={window.location.href} />
      <p>
        <Link className="button button-solid" to={`/visit/${visit.booking.id}/check`}>{t`確認の画面へ`}</Link>
      </p>
      <Telephone name={visit.booking.facility.name} number={visit.booking.facility.telephone} />
    </>
  );
}

type Scene = "waiting" | "call" | "ended" | "left" | "denied" | "elsewhere";

/** Which of the screens a view calls for. */
export function sceneOf(view: CallView): Scene {
  if (view.room.visit === "ended") return "ended";
  if (view.left) return "left";
  if (view.room.admission === "denied") return "denied";
  if (view.signal === "over") return view.bye === "replaced" ? "elsewhere" : "ended";
  return view.room.admission === "admitted" ? "call" : "waiting";
}

function Room({ visit, stream, kit, onKit }: { visit: Visit; stream: MediaStream; kit: Kit; onKit: (kit: Kit) => void }) {
  const { t } = useLingui();
  const [round, setRound] = useState(0);
  const joined = useCall({ booking: visit.booking.id, policy: visit.ice_policy, stream, side: "patient", precheck: kit.precheck }, round);
  const scene = sceneOf(joined.view);
  const over = scene === "ended";
  useEffect(() => {
    if (over) closeMedia(stream);
  }, [over, stream]);
  const again = () => {
    onKit({ ...kit });
    setRound((count) => count + 1);
  };
  switch (scene) {
    case "waiting":
      return <WaitingRoom visit={visit} view={joined.view} stream={stream} />;
    case "call":
      return (
        <>
          <PageTitle title={t`診察`} />
          <CallScreen call={joined.call} view={joined.view} local={stream} endLabel={t`終わる`} onEnd={() => { joined.call.leave(); }}>
            <DoctorPanel visit={visit} />
            <Emergency booking={visit.booking.id} side="patient" />
          </CallScreen>
        </>
      );
    case "ended":
      return <Ended visit={visit} />;
    case "left":
      return <Stopped visit={visit} title={t`通話を終わりました`} text={t`まちがえて終わったときは、もう一度入れます。`} onAgain={again} />;
    case "elsewhere":
      return <Stopped visit={visit} title={t`ほかの画面で開いています`} text={t`この診察は、ほかの画面（または端末）で続いています。`} onAgain={again} />;
    case "denied":
      return <Stopped visit={visit} title={t`今は入れません`} text={t`医療機関に電話でお問い合わせください。`} />;
  }
}

function WaitingRoom({ visit, view, stream }: { visit: Visit; view: CallView; stream: MediaStream }) {
  const { t } = useLingui();
  const { position } = view.room;
  return (
    <>
      <PageTitle title={t`待合室`} />
      <div role="status" className="waiting">
        {view.signal !== "ready" ? <p>{t`待合室につないでいます…`}</p> : null}
        {view.signal === "ready" && position !== undefined ? <p className="waiting-place">{position === 1 ? t`次はあなたの番です` : t`あなたは ${position} 番目です`}</p> : null}
        {view.signal === "ready" && position === undefined ? <p className="waiting-place">{t`お待ちください`}</p> : null}
      </div>
      <p className="lead">{t`医師がお呼びします。このままお待ちください。画面を読み込み直しても、順番は変わりません。`}</p>
      <p>
        {t`予約の時間:`} <strong>{dayAndTime(visit.booking.start, visit.booking.zone, language())}</strong>
      </p>
      <PlaceSection visit={visit} />
      <Emergency booking={visit.booking.id} side="patient" />
      <DoctorPanel visit={visit} />
      <Video className="preview" stream={stream} muted label={t`自分の映像`} />
      <Telephone name={visit.booking.facility.name} number={visit.booking.facility.telephone} />
    </>
  );
}

function Stopped({ visit, title, text, onAgain }: { visit: Visit; title: string; text: string; onAgain?: () => void }) {
  const { t } = useLingui();
  return (
    <>
      <PageTitle title={title} />
      <p className="lead">{text}</p>
      {onAgain ? (
        <p>
          <button type="button" className="button button-solid button-large" onClick={onAgain}>
            {t`もう一度入る`}
          </button>
        </p>
      ) : null}
      <DoctorPanel visit={visit} />
      <Telephone name={visit.booking.facility.name} number={visit.booking.facility.telephone} />
    </>
  );
}
