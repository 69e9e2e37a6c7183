import { useLingui } from "@lingui/react/macro";
import { useCallback, useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import { client, type Visit } from "../../api/client";
import { checkLine, type Verdict } from "../../tele/line-check";
import { type MediaFault, mediaFaultOf, openMedia, playTestTone, watchLoudness } from "../../tele/devices";
import type { Precheck } from "../../tele/messages";
import { DoctorPanel } from "../../ui/call/doctor-panel";
import { MediaHelp } from "../../ui/call/media-help";
import { Video } from "../../ui/call/video";
import { PageTitle } from "../../ui/page";
import { Telephone } from "../../ui/telephone";
import type { Kit } from "./app";

/** Sound above this level counts as a voice that was heard. */
const HEARD = 0.01;

/** V1: camera, microphone, loudspeaker and line, in less than a minute. */
export function CheckPage({ visit, kit, onKit }: { visit: Visit; kit: Kit; onKit: (kit: Kit) => void }) {
  const { t } = useLingui();
  const [fault, setFault] = useState<MediaFault>();
  const [opening, setOpening] = useState(false);
  const open = async () => {
    setFault(undefined);
    setOpening(true);
    try {
      onKit({ ...kit, stream: await openMedia() });
    } catch (error) {
      setFault(mediaFaultOf(error));
    } finally {
      setOpening(false);
    }
  };
  return (
    <>
      <p className="back">
        <Link to={`/visit/${visit.booking.id}`}>{t`もどる`}</Link>
      </p>
      <PageTitle title={t`カメラとマイクの確認`} failed={fault !== undefined} />
      {fault ? <MediaHelp fault={fault} userAgent={navigator.userAgent} address={window.location.href} /> : null}
      {kit.stream ? (
        <Checks visit={visit} stream={kit.stream} onDone={(precheck) => { onKit({ ...kit, precheck }); }} />
      ) : (
        <>
          <p className="lead">{t`次に、カメラとマイクを使ってよいか聞かれます。「許可」を選んでください。`}</p>
          <p>
            <button type="button" className="button button-solid button-large" disabled={opening} onClick={() => { void open(); }}>
              {fault ? t`もう一度試す` : t`カメラとマイクを使う`}
            </button>
          </p>
        </>
      )}
      <DoctorPanel visit={visit} />
      <Telephone name={visit.booking.facility.name} number={visit.booking.facility.telephone} />
    </>
  );
}

type Line = "running" | "failed" | Verdict;

function Checks({ visit, stream, onDone }: { visit: Visit; stream: MediaStream; onDone: (precheck: Precheck) => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [heard, setHeard] = useState(false);
  const [speaker, setSpeaker] = useState<boolean>();
  const [line, setLine] = useState<Line>("running");
  const booking = visit.booking.id;
  const onHeard = useCallback(() => { setHeard(true); }, []);
  useEffect(() => {
    let shown = true;
    checkLine(booking).then((verdict) => { if (shown) setLine(verdict); }, () => { if (shown) setLine("failed"); });
    return () => { shown = false; };
  }, [booking]);
  const go = async () => {
    const verdict = line === "running" ? undefined : line === "failed" ? "failed" : line.verdict;
    const result: Precheck = { camera: stream.getVideoTracks().length > 0, microphone: heard, speaker: speaker === true, ...(verdict ? { line: verdict } : {}) };
    onDone(result);
    try {
      await client.POST("/api/bookings/{id}/device-check", { params: { path: { id: booking } }, body: result });
    } catch {
      // The clinic only misses a hint; the visit must not wait for it.
    }
    await navigate(`/visit/${booking}/room`);
  };
  return (
    <>
      <section className="check" aria-labelledby="check-camera">
        <h2 id="check-camera">{t`1. カメラ`}</h2>
        <p>{t`あなたが映っていますか。映らないときは、カメラのふたや向きを確かめてください。`}</p>
        <Video className="preview" stream={stream} muted label={t`自分の映像`} />
      </section>
      <Microphone stream={stream} heard={heard} onHeard={onHeard} />
      <Speaker answer={speaker} onAnswer={setSpeaker} />
      <LineResult line={line} />
      <p className="buttons">
        <button type="button" className="button button-solid button-large" onClick={() => { void go(); }}>
          {t`待合室へ進む`}
        </button>
      </p>
    </>
  );
}

function Microphone({ stream, heard, onHeard }: { stream: MediaStream; heard: boolean; onHeard: () => void }) {
  const { t } = useLingui();
  const [level, setLevel] = useState(0);
  useEffect(() => watchLoudness(stream, (now) => {
    setLevel(now);
    if (now > HEARD) onHeard();
  }), [stream, onHeard]);
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

function Speaker({ answer, onAnswer }: { answer: boolean | undefined; onAnswer: (heard: boolean) => void }) {
  const { t } = useLingui();
  const [played, setPlayed] = useState(false);
  const play = async () => {
    try {
      await playTestTone();
    } finally {
      setPlayed(true);
    }
  };
  return (
    <section className="check" aria-labelledby="check-speaker">
      <h2 id="check-speaker">{t`3. スピーカー`}</h2>
      <p className="buttons">
        <button type="button" className="button button-outline" onClick={() => { void play(); }}>
          {t`ためしの音を出す`}
        </button>
      </p>
      {played && answer === undefined ? (
        <div role="group" aria-label={t`音が聞こえましたか`}>
          <p>{t`音が聞こえましたか`}</p>
          <p className="buttons">
            <button type="button" className="button button-outline" onClick={() => { onAnswer(true); }}>
              {t`はい`}
            </button>
            <button type="button" className="button button-outline" onClick={() => { onAnswer(false); }}>
              {t`いいえ`}
            </button>
          </p>
        </div>
      ) : null}
      <p role="status" className={answer ? "check-good" : ""}>
        {answer === true ? t`音は聞こえています` : ""}
        {answer === false ? t`音量を上げ、消音（マナーモード）を切ってください。イヤホンは抜いてためしてください。もう一度「ためしの音を出す」を押せます。` : ""}
      </p>
    </section>
  );
}

function LineResult({ line }: { line: Line }) {
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
