import { useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { api, client, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { dayAndTime, language } from "../../i18n";
import { closeMedia, type MediaFault, mediaFaultOf, openMedia } from "../../tele/devices";
import { CallScreen } from "../../ui/call/call-screen";
import { WithDoctor } from "../../ui/call/doctor-panel";
import { Emergency } from "../../ui/call/emergency";
import { MediaHelp } from "../../ui/call/media-help";
import { maybeBeside, useRoleName } from "../../ui/call/people";
import { useCall } from "../../ui/call/use-call";
import { useMediaWhile } from "../../ui/call/use-media-while";
import { Failure } from "../../ui/errors";
import { useNow } from "../../ui/now";
import { Busy, PageTitle } from "../../ui/page";
import { SummaryList } from "../../ui/summary-list";
import { rememberClinic } from "./clinic-memory";
import { NoVisit } from "./no-visit";
import { goesOn, sceneOf } from "./scene";
import { Stopped, useStoppedWords } from "./stopped";
import { WaitingRoom } from "./waiting-room";

type GuestRoom = Schemas["GuestRoom"];

/** The link of an invitation opens once: from then on this browser is the person's. */
export function OpenInvitation({ token }: { token: string }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    let shown = true;
    client.POST("/api/visitor/guest", { body: { token } }).then(({ data, error }) => {
      if (!shown) return;
      if (data) void navigate(`/visit/${data.booking_id}/guest`, { replace: true });
      else setFailure(error);
    }, (error: unknown) => { if (shown) setFailure(error); });
    return () => { shown = false; };
  }, [token, navigate]);
  if (!failure) return <Busy />;
  if (problemOf(failure).status === 404) return <NoVisit error={failure} />;
  return (
    <>
      <PageTitle title={t`招待を開けません`} failed />
      <Failure error={failure} />
      <p>{t`招待した医療機関に、新しいリンクを頼んでください。`}</p>
    </>
  );
}

/** A visit for somebody who was invited to it: where and when it is and with whom, nothing of the patient. */
export function GuestEntry() {
  const { booking = "" } = useParams();
  const query = api.useQuery("get", "/api/visits/{id}/guest", { params: { path: { id: booking } } }, { refetchInterval: 30_000 });
  const facility = query.data?.facility;
  useEffect(() => {
    if (facility) rememberClinic(facility);
  }, [facility]);
  if (query.data) return <WithDoctor booking={query.data}><Guest room={query.data} /></WithDoctor>;
  return query.error ? <NoVisit error={query.error} /> : <Busy />;
}

function Guest({ room }: { room: GuestRoom }) {
  const { t } = useLingui();
  const role = useRoleName();
  const now = useNow(5_000).getTime();
  const [stream, setStream] = useState<MediaStream>();
  const [fault, setFault] = useState<MediaFault>();
  const [entries, setEntries] = useState(0);
  const looksOn = room.role === "observer";
  useEffect(() => () => { closeMedia(stream); }, [stream]);
  useEffect(() => {
    if (entries === 0) return undefined;
    let wanted = true;
    // Whoever only looks on is neither seen nor heard.
    (looksOn ? Promise.resolve(new MediaStream()) : openMedia()).then((opened) => {
      if (wanted) setStream(opened);
      else closeMedia(opened);
    }, (error: unknown) => { if (wanted) setFault(mediaFaultOf(error)); });
    return () => { wanted = false; };
  }, [entries, looksOn]);
  const enter = () => {
    setFault(undefined);
    setStream(undefined);
    setEntries((count) => count + 1);
  };
  if (stream) return <GuestVisit room={room} stream={stream} onAgain={enter} />;
  const soon = Date.parse(room.opens_at) > now;
  const over = room.state === "ended" || Date.parse(room.closes_at) < now;
  return (
    <>
      <PageTitle title={t`診察への招待`} failed={fault !== undefined} />
      {fault ? <MediaHelp fault={fault} userAgent={navigator.userAgent} address={window.location.href} /> : null}
      <SummaryList rows={[
        { term: t`日時`, value: <strong>{dayAndTime(room.start, room.zone, language())}</strong> },
        { term: t`あなたの役割`, value: role(room.role) },
      ]} />
      <p className="lead">
        {over ? t`この診察は終わりました` : soon ? t`待合室は ${dayAndTime(room.opens_at, room.zone, language())} に開きます` : t`患者さんが「よい」と答えたら、診察に入れます。見聞きしたことを、ほかの人に話さないでください。`}
      </p>
      {over ? null : (
        <p>
          <button type="button" className="button button-solid button-large" disabled={soon} onClick={enter}>
            {t`待合室に入る`}
          </button>
        </p>
      )}
    </>
  );
}

function GuestVisit({ room, stream, onAgain }: { room: GuestRoom; stream: MediaStream; onAgain: () => void }) {
  const { t } = useLingui();
  const { call, view } = useCall({ booking: room.booking_id, policy: room.ice_policy, stream, side: "patient" });
  const words = useStoppedWords();
  const scene = sceneOf(view);
  useMediaWhile(goesOn(scene), stream, onAgain);
  const emergency = maybeBeside(room.role) ? <Emergency side="guest" booking={room.booking_id} telephone={room.facility.telephone} inside={scene === "call"} /> : null;
  switch (scene) {
    case "waiting":
      return <WaitingRoom start={room.start} zone={room.zone} view={view} stream={room.role === "observer" ? undefined : stream}>{emergency}</WaitingRoom>;
    case "call":
      return (
        <>
          <PageTitle title={t`診察`} />
          <CallScreen call={call} view={view} local={stream} endLabel={t`終わる`} onEnd={() => { call.leave(); }}>{emergency}</CallScreen>
        </>
      );
    case "ended":
      return <Stopped title={t`診察が終わりました`} text={t`この画面を閉じてかまいません。`} />;
    case "denied":
      return <Stopped title={t`今は入れません`} text={t`患者さんか医師が、今は入らないでほしいと言っています。`} onAgain={onAgain} />;
    case "left":
    case "elsewhere":
      return <Stopped {...words[scene]} onAgain={onAgain} />;
    case "signed_out":
      return <Stopped title={t`この画面からは入れなくなりました`} text={t`招待された方だと確かめられなくなりました。診察が終わったとは限りません。招待した医療機関に、新しいリンクを頼んでください。`} />;
    case "removed":
    case "moved":
      return <Stopped {...words[scene]} />;
  }
}
