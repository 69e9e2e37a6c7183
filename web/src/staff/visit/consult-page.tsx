import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useEffect, useState } from "react";
import { api, type Visit } from "../../api/client";
import { dateOf, dayAndTime, language, minutesBetween } from "../../i18n";
import { bothCalendars } from "../../i18n/wareki";
import type { Call, CallView } from "../../tele/call";
import { closeMedia, type MediaFault, mediaFaultOf, openMedia } from "../../tele/devices";
import type { Waiting } from "../../tele/messages";
import { Banner } from "../../ui/banner";
import { CallScreen } from "../../ui/call/call-screen";
import { Emergency } from "../../ui/call/emergency";
import { MediaHelp } from "../../ui/call/media-help";
import { useCall } from "../../ui/call/use-call";
import { Video } from "../../ui/call/video";
import { useNow } from "../../ui/now";
import { Busy, PageTitle } from "../../ui/page";
import { SummaryList } from "../../ui/summary-list";
import { readChecks, useCheckText, useLineNumbers } from "../checks";
import { useAccount } from "../account";
import { IntakeView } from "../intake/intake-view";
import { CarePlanPart } from "./care-plan";
import { ClearancePanel } from "./clearance-panel";
import { CloseForm } from "./closing/close-form";

/** The doctor's page of a visit. Others at the clinic see whose it is; they are not asked for a camera. */
export function ConsultPage({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  if (useAccount().role === "clinician") return <Consult visit={visit} />;
  const name = visit.booking.patient_name ?? "";
  return (
    <>
      <PageTitle title={t`${name} さんの予約`} />
      <div className="consult">
        <Banner kind="info" title={t`診察は、担当の医師がこの画面で行います`} />
        <PatientFacts visit={visit} />
      </div>
    </>
  );
}

/** Who waits, the conversation, and how it ended. */
function Consult({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  const [stream, setStream] = useState<MediaStream>();
  const [fault, setFault] = useState<MediaFault>();
  const [closing, setClosing] = useState(visit.state === "ended");
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (closing) return undefined;
    let wanted = true;
    openMedia().then((opened) => {
      if (wanted) setStream(opened);
      else closeMedia(opened);
    }, (error: unknown) => { if (wanted) setFault(mediaFaultOf(error)); });
    return () => { wanted = false; };
  }, [closing, attempt]);
  const again = () => {
    setFault(undefined);
    setAttempt((count) => count + 1);
  };
  useEffect(() => () => { closeMedia(stream); }, [stream]);
  const { booking } = visit;
  const name = booking.patient_name ?? "";
  return (
    <>
      <PageTitle title={t`${name} さんの診察`} />
      <div className="consult">
        <div>
          {fault ? <MediaHelp fault={fault} userAgent={navigator.userAgent} address={window.location.href} /> : null}
          {fault ? <p><button type="button" className="button button-outline" onClick={again}>{t`カメラをもう一度試す`}</button></p> : null}
          {closing ? <CloseForm visit={visit} /> : null}
          {!closing && stream ? <Consultation visit={visit} stream={stream} onOver={() => { setClosing(true); }} /> : null}
          {!closing && !stream && !fault ? <Busy /> : null}
          {!closing ? (
            <p>
              <button type="button" className="link" onClick={() => { setClosing(true); }}>{t`通話せずに診察を閉じる`}</button>
            </p>
          ) : null}
        </div>
        <PatientFacts visit={visit} />
      </div>
    </>
  );
}

function PatientFacts({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  const { booking } = visit;
  const check = useCheckText();
  const numbers = useLineNumbers();
  const day = api.useQuery("get", "/api/clinic/visits", { params: { query: { date: dateOf(new Date(booking.start), booking.zone) } } });
  const item = day.data?.items.find((one) => one.booking.id === booking.id);
  const patient = item?.patient;
  return (
    <aside className="panel" aria-label={t`患者と予約`}>
      <SummaryList rows={[
        { term: t`日時`, value: dayAndTime(booking.start, booking.zone, language()) },
        { term: t`患者`, value: patient ? <><bdi>{patient.name}</bdi>（<bdi>{patient.kana}</bdi>）</> : <bdi>{booking.patient_name}</bdi> },
        ...(patient ? [{ term: t`生年月日`, value: bothCalendars(patient.birth_date, language()) }] : []),
        ...(patient?.booker_name ? [{ term: t`予約した方`, value: patient.booker_name }] : []),
        ...(patient?.email ? [{ term: t`メール`, value: patient.email }] : []),
        { term: t`電話`, value: patient?.phone ? <a className="tel" href={`tel:${patient.phone}`}>{patient.phone}</a> : "" },
        { term: t`相談`, value: <bdi className="multi-line">{patient?.symptoms}</bdi> },
        { term: t`機器・回線`, value: item ? check(readChecks(item.device_check, item.line_check, item.line)).text : "" },
        ...(item?.line ? [{ term: t`回線の数値`, value: numbers(item.line) }] : []),
        { term: t`予約番号`, value: booking.number ?? "" },
      ]} />
      {visit.state === "ended" ? null : <Emergency booking={booking.id} side="clinic" />}
      <Folded title={t`診察前の確認`}><ClearancePanel booking={booking} /></Folded>
      {useAccount().role === "clinician" ? <Folded title={t`診療計画`}><CarePlanPart visit={visit} /></Folded> : null}
      <Folded title={t`問診と初診の根拠`}><IntakeView booking={booking} /></Folded>
    </aside>
  );
}

/** Opened on purpose: whoever reads it is written down. */
function Folded({ title, children }: { title: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <details open={open} onToggle={(event) => { setOpen(event.currentTarget.open); }}>
      <summary>{title}</summary>
      {open ? children : null}
    </details>
  );
}

function Consultation({ visit, stream, onOver }: { visit: Visit; stream: MediaStream; onOver: () => void }) {
  const { t } = useLingui();
  const { call, view } = useCall({ booking: visit.booking.id, policy: visit.ice_policy, stream, side: "clinic" });
  const ended = view.room.visit === "ended";
  useEffect(() => {
    if (ended) onOver();
  }, [ended, onOver]);
  if (view.signal === "over" && !view.left) {
    return <Banner kind="warning" title={view.bye === "replaced" ? t`この診察は、ほかの画面で開いています` : t`サーバーとの接続が終わりました。画面を読み込み直してください`} />;
  }
  // Only what belongs to an admitted patient makes a conversation.
  if (view.room.topology.peers.length === 0) return <BeforeCall call={call} view={view} stream={stream} />;
  return (
    <CallScreen call={call} view={view} local={stream} endLabel={t`終わる`} onEnd={() => {
      call.end();
      onOver();
    }} />
  );
}

function BeforeCall({ call, view, stream }: { call: Call; view: CallView; stream: MediaStream }) {
  const { t } = useLingui();
  const { waiting } = view.room;
  return (
    <>
      <h2>{t`待合室`}</h2>
      <div role="status">
        {view.signal === "ready" ? null : <p>{t`つないでいます…`}</p>}
        {view.signal === "ready" && waiting.length === 0 ? <p>{t`まだ、だれも待っていません。`}</p> : null}
      </div>
      {view.refused ? <Refused code={view.refused} /> : null}
      <ul className="cards">
        {waiting.map((one) => (
          <li className="card" key={one.participant}>
            <WaitingCard one={one} onAdmit={() => { call.admit(one.participant); }} onDeny={() => { call.deny(one.participant); }} />
          </li>
        ))}
      </ul>
      <Video className="preview" stream={stream} muted label={t`自分の映像`} />
    </>
  );
}

/** Why the patient was not let in. What is to be done about the basis stands on this page, beside the call. */
function Refused({ code }: { code: string }) {
  const { t } = useLingui();
  const words: Record<string, string> = {
    first_visit_basis_missing: t`初診の根拠がまだありません。「問診と初診の根拠」を開いて、根拠を確かめてから呼んでください。`,
    consent_withdrawn: t`患者さんが同意を取り消しています。オンライン診療はできません。`,
    clearance_missing: t`まだ済んでいない確認があります。「診察前の確認」を開いて、済ませるか、理由を書いて省いてください。患者さんの居場所は、待合室で患者さんに聞いています。`,
    another_in_progress: t`ほかの患者さんの診察が続いています。そちらを閉じてから呼んでください。`,
  };
  return (
    <div className="banner banner-error" role="alert">
      <p>{words[code] ?? t`呼べませんでした。画面を読み込み直して、もう一度試してください。`}</p>
    </div>
  );
}

function WaitingCard({ one, onAdmit, onDeny }: { one: Waiting; onAdmit: () => void; onDeny: () => void }) {
  const { t } = useLingui();
  const now = useNow(5_000);
  const check = useCheckText()(readChecks(one.precheck, null));
  return (
    <>
      <p>
        <strong>{one.name ?? t`患者`}</strong> {one.since ? t`${minutesBetween(one.since, now)} 分 待っています` : ""}
      </p>
      <p className={check.bad ? "bad" : ""}>{t`機器・回線: ${check.text}`}</p>
      <p className="buttons">
        <button type="button" className="button button-solid button-large" onClick={onAdmit}>{t`呼ぶ`}</button>
        <button type="button" className="button button-outline" onClick={onDeny}>{t`断る`}</button>
      </p>
    </>
  );
}
