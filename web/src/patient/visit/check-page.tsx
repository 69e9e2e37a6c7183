import { useLingui } from "@lingui/react/macro";
import { useCallback, useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { client, type Visit } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { closeMedia, type MediaFault, mediaFaultOf, openMedia, watchLoudness } from "../../tele/devices";
import { checkLine } from "../../tele/line-check";
import type { Precheck } from "../../tele/messages";
import { MediaHelp } from "../../ui/call/media-help";
import { Video } from "../../ui/call/video";
import { useNow } from "../../ui/now";
import { PageTitle } from "../../ui/page";
import type { Kit } from "./app";
import { CHECK_MOST_MS, isDone, type LineFound, type Looked, resultOf } from "./readiness";
import { SpeakerTest } from "./speaker-test";
import { isOpen, STAY } from "./visit-home";

/** Sound above this level counts as a voice that was heard. */
const HEARD = 0.01;

/**
 * V1: camera, microphone, loudspeaker and line. Nothing has to be pressed: camera and microphone are asked for at
 * once, and when all is known, or after twelve seconds, the way goes on to the waiting room.
 */
export function CheckPage({ visit, kit, onKit, address }: { visit: Visit; kit: Kit; onKit: (kit: Kit) => void; address: string }) {
  const { t } = useLingui();
  const [fault, setFault] = useState<MediaFault>();
  const [attempt, setAttempt] = useState(0);
  const [opening, setOpening] = useState(true);
  const { stream } = kit;
  useEffect(() => {
    if (stream) return undefined;
    let wanted = true;
    openMedia().then(
      (opened) => {
        if (wanted) onKit({ stream: opened, precheck: undefined });
        else closeMedia(opened);
      },
      (error: unknown) => { if (wanted) setFault(mediaFaultOf(error)); },
    ).finally(() => { if (wanted) setOpening(false); });
    return () => { wanted = false; };
    // Once, and again when asked to.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [stream, attempt]);
  const again = () => {
    setFault(undefined);
    setOpening(true);
    setAttempt((count) => count + 1);
  };
  return (
    <>
      <p className="back">
        <Link to={`/visit/${visit.booking.id}`} state={STAY}>{t`予約の内容を見る`}</Link>
      </p>
      <PageTitle title={t`カメラとマイクの確認`} failed={fault !== undefined} />
      {fault ? <MediaHelp fault={fault} userAgent={navigator.userAgent} address={address} /> : null}
      {stream ? <Checks visit={visit} stream={stream} onDone={(precheck) => { onKit({ ...kit, precheck }); }} /> : null}
      {!stream && opening ? <p className="lead" role="status">{t`カメラとマイクを使ってよいか聞かれます。「許可」を選んでください。`}</p> : null}
      {!stream && fault ? (
        <p>
          <button type="button" className="button button-solid button-large" disabled={opening} onClick={again}>
            {t`もう一度試す`}
          </button>
        </p>
      ) : null}
    </>
  );
}

/** True once the time for the check is over. */
function useLate(): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => { setLate(true); }, CHECK_MOST_MS);
    return () => { window.clearTimeout(timer); };
  }, []);
  return late;
}

function Checks({ visit, stream, onDone }: { visit: Visit; stream: MediaStream; onDone: (precheck: Precheck) => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [looked, setLooked] = useState<Looked>({ heard: false, listening: true, line: "running", speaker: undefined });
  const late = useLate();
  const now = useNow(1_000).getTime();
  const gone = useRef(false);
  const booking = visit.booking.id;
  const note = useCallback((found: Partial<Looked>) => { setLooked((before) => ({ ...before, ...found })); }, []);
  useEffect(() => {
    let shown = true;
    checkLine(booking).then((verdict) => { if (shown) note({ line: verdict }); }, () => { if (shown) note({ line: "failed" }); });
    return () => { shown = false; };
  }, [booking, note]);
  const open = isOpen(visit, now);
  const done = isDone(looked, late);
  useEffect(() => {
    if (!done || gone.current) return;
    const result = resultOf(looked, stream);
    // The clinic only misses a hint where this fails; the visit must not wait for it.
    client.POST("/api/bookings/{id}/device-check", { params: { path: { id: booking } }, body: result }).catch(() => undefined);
    if (!open) return;
    gone.current = true;
    onDone(result);
    void navigate(`/visit/${booking}/room`, { replace: true });
    // What is known when the check is over is what counts.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [done, open]);
  return (
    <>
      <p className="lead" role="status">
        {open ? t`確かめています。終わると、自動で待合室に入ります。` : t`待合室は ${dayAndTime(visit.opens_at, visit.booking.zone, language())} に開きます。このままお待ちになれば、自動で入ります。`}
      </p>
      <section className="check" aria-labelledby="check-camera">
        <h2 id="check-camera">{t`1. カメラ`}</h2>
        <p>{t`あなたが映っていますか。映らないときは、カメラのふたや向きを確かめてください。`}</p>
        <Video className="preview" stream={stream} muted label={t`自分の映像`} />
      </section>
      <Microphone stream={stream} looked={looked} onFound={note} />
      <section className="check" aria-labelledby="check-speaker">
        <h2 id="check-speaker">{t`3. スピーカー`}</h2>
        <SpeakerTest answer={looked.speaker} onAnswer={(speaker) => { note({ speaker }); }} />
      </section>
      <LineResult line={looked.line} />
    </>
  );
}

function Microphone({ stream, looked: { heard }, onFound }: { stream: MediaStream; looked: Looked; onFound: (found: Partial<Looked>) => void }) {
  const { t } = useLingui();
  const [level, setLevel] = useState(0);
  useEffect(() => watchLoudness(stream, (now, listening) => {
    setLevel(now);
    onFound(now > HEARD ? { heard: true, listening } : { listening });
  }), [stream, onFound]);
  return (
    <section className="check" aria-labelledby="check-microphone">
      <h2 id="check-microphone">{t`2. マイク`}</h2>
      <label htmlFor="level">{t`声を出してください。線が動けば聞こえています。`}</label>
      <meter id="level" className="level" min={0} max={0.3} value={Math.min(level, 0.3)} />
      <p role="status" className={heard ? "check-good" : ""}>
        {heard ? t`聞こえています` : t`まだ聞こえていません`}
      </p>
    </section>
  );
}

function LineResult({ line }: { line: LineFound }) {
  const { t } = useLingui();
  const verdict = line === "running" || line === "failed" ? line : line.verdict;
  const words = {
    running: t`確かめています…（10秒ほど）`,
    ok: t`良好です`,
    degraded: t`少し不安定です。Wi-Fi を使うか、電波の良い場所へ移ってください。診察は受けられます。`,
    failed: t`確かめられませんでした。別の Wi-Fi か携帯電話の回線をためしてください。このまま進むこともできます。`,
  };
  return (
    <section className="check" aria-labelledby="check-line">
      <h2 id="check-line">{t`4. 回線`}</h2>
      <p role="status" className={verdict === "ok" ? "check-good" : ""}>
        {words[verdict]}
      </p>
    </section>
  );
}
