import { useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { api, type Visit } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { closeMedia, type MediaFault, mediaFaultOf, openMedia } from "../../tele/devices";
import { CallScreen } from "../../ui/call/call-screen";
import { Emergency } from "../../ui/call/emergency";
import { MediaHelp } from "../../ui/call/media-help";
import { useCall } from "../../ui/call/use-call";
import { useMediaWhile } from "../../ui/call/use-media-while";
import { Busy, PageTitle } from "../../ui/page";
import type { Kit } from "./app";
import { ConsentPrompt } from "./consent-prompt";
import { Ended } from "./ended";
import { PlaceSection } from "./place-page";
import { goesOn, sceneOf } from "./scene";
import { SpeakerTest } from "./speaker-test";
import { Stopped, useStoppedWords } from "./stopped";
import { WaitingRoom } from "./waiting-room";

/** V2 to V4. After a reload the camera is opened again and the place in the queue is the same: the server keeps it. */
export function RoomPage({ visit, kit, onKit, address }: { visit: Visit; kit: Kit; onKit: (kit: Kit) => void; address: string }) {
  const { t } = useLingui();
  const [fault, setFault] = useState<MediaFault>();
  // The kit gives its stream away once the visit does not go on; the screen that says so stays.
  const [stream, setStream] = useState(kit.stream);
  useEffect(() => {
    if (stream) return undefined;
    let wanted = true;
    openMedia().then((opened) => {
      if (!wanted) {
        closeMedia(opened);
        return;
      }
      onKit({ ...kit, stream: opened });
      setStream(opened);
    }, (error: unknown) => { if (wanted) setFault(mediaFaultOf(error)); });
    return () => { wanted = false; };
    // Once: what the kit holds besides the stream does not matter here.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [stream]);
  if (stream) return <Room visit={visit} stream={stream} kit={kit} onKit={onKit} onAgain={() => { setStream(undefined); }} />;
  if (!fault) return <Busy />;
  return (
    <>
      <PageTitle title={t`カメラとマイクの確認`} failed />
      <MediaHelp fault={fault} userAgent={navigator.userAgent} address={address} />
      <p>
        <Link className="button button-solid" to={`/visit/${visit.booking.id}/check`}>{t`確認の画面へ`}</Link>
      </p>
    </>
  );
}

/** `onAgain` comes in anew, with a camera and a microphone that are opened for it. */
function Room({ visit, stream, kit, onKit, onAgain }: {
  visit: Visit;
  stream: MediaStream;
  kit: Kit;
  onKit: (kit: Kit) => void;
  onAgain: () => void;
}) {
  const { t } = useLingui();
  const { call, view } = useCall({ booking: visit.booking.id, policy: visit.ice_policy, stream, side: "patient", precheck: kit.precheck });
  const words = useStoppedWords();
  const scene = sceneOf(view);
  const on = goesOn(scene);
  useMediaWhile(on, stream, onAgain);
  useEffect(() => {
    if (!on) onKit({ ...kit, stream: undefined });
    // As the visit ends for this side: no other page is to take the stopped stream for a camera.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [on]);
  switch (scene) {
    case "waiting":
      return (
        <WaitingRoom start={visit.booking.start} zone={visit.booking.zone} view={view} stream={stream}>
          <Emergency booking={visit.booking.id} side="patient" />
          <PlaceSection visit={visit} />
          {kit.precheck ? (
            <Loudspeaker answer={kit.precheck.speaker || undefined} onAnswer={(speaker) => {
              const precheck = { camera: true, microphone: true, ...kit.precheck, speaker };
              onKit({ ...kit, precheck });
              call.tellPrecheck(precheck);
            }} />
          ) : null}
        </WaitingRoom>
      );
    case "call": {
      const asked = view.room.asked[0];
      return (
        <>
          <PageTitle title={t`診察`} />
          <CallScreen call={call} view={view} local={stream} endLabel={t`終わる`} onEnd={() => { call.leave(); }}>
            <Emergency booking={visit.booking.id} side="patient" />
          </CallScreen>
          {asked ? <ConsentPrompt key={asked.participant} asked={asked} onAnswer={(yes) => { call.consent(asked.participant, yes); }} /> : null}
        </>
      );
    }
    case "ended":
      return <Ended visit={visit} />;
    case "left":
    case "elsewhere":
      return <Stopped {...words[scene]} onAgain={onAgain} />;
    case "moved":
      return <Moved booking={visit.booking.id} />;
    case "denied":
    case "removed":
    case "signed_out":
      return <Stopped {...words[scene]} />;
  }
}

/** The visit is at another time now: at which, as soon as the server says it. */
function Moved({ booking }: { booking: string }) {
  const { t } = useLingui();
  const words = useStoppedWords().moved;
  const query = api.useQuery("get", "/api/visits/{id}", { params: { path: { id: booking } } }, { refetchOnMount: "always" });
  const now = query.isFetchedAfterMount ? query.data?.booking : undefined;
  return (
    <Stopped title={words.title} text={now ? t`新しい時間は ${dayAndTime(now.start, now.zone, language())} です。` : words.text}>
      <p><a className="button button-solid button-large" href={`/bookings/${booking}`}>{t`予約の内容を見る`}</a></p>
    </Stopped>
  );
}

/** The loudspeaker can be tried while one waits. */
function Loudspeaker({ answer, onAnswer }: { answer: boolean | undefined; onAnswer: (heard: boolean) => void }) {
  const { t } = useLingui();
  const [said, setSaid] = useState(answer);
  return (
    <details className="check">
      <summary>{t`音が出るか確かめる`}</summary>
      <SpeakerTest answer={said} onAnswer={(heard) => {
        setSaid(heard);
        onAnswer(heard);
      }} />
    </details>
  );
}
