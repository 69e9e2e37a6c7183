import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { api, type Schemas, type Visit } from "../../api/client";
import { dateOf, dayAndTime, language } from "../../i18n";
import { bothCalendars } from "../../i18n/wareki";
import type { Call, CallView } from "../../tele/call";
import { closeMedia, type MediaFault, mediaFaultOf, openMedia } from "../../tele/devices";
import { Banner } from "../../ui/banner";
import { CallScreen } from "../../ui/call/call-screen";
import { Emergency } from "../../ui/call/emergency";
import { MediaHelp } from "../../ui/call/media-help";
import { useCall } from "../../ui/call/use-call";
import { useMediaWhile } from "../../ui/call/use-media-while";
import { Video } from "../../ui/call/video";
import { Busy, PageTitle } from "../../ui/page";
import { SummaryList } from "../../ui/summary-list";
import { readChecks, useCheckText, useLineNumbers } from "../checks";
import { useAccount } from "../account";
import { IntakeView } from "../intake/intake-view";
import { CallPatient } from "./call-patient";
import { CarePlanPart } from "./care-plan";
import { ClearancePanel } from "./clearance-panel";
import { CloseForm } from "./closing/close-form";
import { DelayButtons } from "./delay-buttons";
import { Farewell } from "./farewell";
import { PeoplePanel } from "./people-panel";
import { QualityPanel } from "./quality-panel";
import { NotAdmitted, WaitingList } from "./waiting-card";

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
        <PeoplePanel booking={visit.booking.id} isDoctor={false} />
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
  // The record is written with the lamp out.
  const close = useCallback(() => {
    setClosing(true);
    setStream(undefined);
  }, []);
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
          {!closing && stream ? <Consultation visit={visit} stream={stream} onOver={close} /> : null}
          {!closing && !stream ? (
            <>
              {fault ? null : <Busy />}
              <WithoutCall onClose={close} />
            </>
          ) : null}
        </div>
        <div>
          <PatientFacts visit={visit} />
          <PeoplePanel booking={visit.booking.id} isDoctor />
        </div>
      </div>
    </>
  );
}

/** The way to the last page for whom there is no call: not beside a call that runs. */
function WithoutCall({ onClose, begun = false }: { onClose: () => void; begun?: boolean }) {
  const { t } = useLingui();
  return <p><button type="button" className="link" onClick={onClose}>{begun ? t`診察を閉じる` : t`通話せずに診察を閉じる`}</button></p>;
}

/** What the patient's page measures comes in while the doctor waits: until then it is looked for every so often, in milliseconds. */
const LOOK_MS = 10_000;

function PatientFacts({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  const { booking } = visit;
  const check = useCheckText();
  const numbers = useLineNumbers();
  const mine = (items: Schemas["ClinicVisit"][] | undefined) => items?.find((one) => one.booking.id === booking.id);
  const day = api.useQuery("get", "/api/clinic/visits", { params: { query: { date: dateOf(new Date(booking.start), booking.zone) } } }, {
    refetchInterval: ({ state }) => (visit.state === "ended" || mine(state.data?.items)?.line ? false : LOOK_MS),
  });
  const item = mine(day.data?.items);
  const patient = item?.patient;
  const [asked, setAsked] = useState(false);
  const intake = useRef<HTMLElement>(null);
  const showBasis = () => {
    setAsked(true);
    intake.current?.focus();
  };
  return (
    <aside className="panel" aria-label={t`患者と予約`}>
      <SummaryList rows={[
        { term: t`日時`, value: dayAndTime(booking.start, booking.zone, language()) },
        { term: t`患者`, value: patient ? <><bdi>{patient.name}</bdi> <span className="small"><bdi>{patient.kana}</bdi></span></> : <bdi>{booking.patient_name}</bdi> },
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
      <Folded title={t`診察前の確認`}><ClearancePanel booking={booking} onBasis={showBasis} /></Folded>
      {useAccount().role === "clinician" ? <Folded title={t`診療計画`}><CarePlanPart visit={visit} /></Folded> : null}
      <details open={asked} onToggle={(event) => { setAsked(event.currentTarget.open); }}>
        <summary ref={intake}>{t`問診と初診の根拠`}</summary>
        {asked ? <IntakeView booking={booking} /> : null}
      </details>
      <Folded title={t`通話の品質`}><QualityPanel booking={booking.id} live={visit.state !== "ended"} /></Folded>
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
  const over = view.signal === "over";
  useMediaWhile(!over, stream);
  if (over && !view.left) {
    return (
      <>
        <Farewell bye={view.bye} />
        {view.bye === "signed_out" ? null : <WithoutCall onClose={onOver} />}
      </>
    );
  }
  // Only what belongs to an admitted patient makes a conversation.
  if (view.room.topology.peers.length === 0) {
    return (
      <>
        <BeforeCall call={call} view={view} stream={stream} booking={visit.booking} />
        <WithoutCall onClose={onOver} begun={view.room.visit === "in_progress"} />
      </>
    );
  }
  return (
    <CallScreen call={call} view={view} local={stream} endLabel={t`終わる`} onEnd={() => {
      call.end();
      onOver();
    }}>
      {view.refused ? <NotAdmitted code={view.refused} /> : null}
      <div role="status">{view.room.waiting.length > 0 ? t`ほかに待っている人がいます。` : ""}</div>
      <WaitingList waiting={view.room.waiting} call={call} />
    </CallScreen>
  );
}

function BeforeCall({ call, view, stream, booking }: { call: Call; view: CallView; stream: MediaStream; booking: Visit["booking"] }) {
  const { t } = useLingui();
  const { waiting } = view.room;
  const { clinician } = booking;
  const nobody = view.signal === "ready" && waiting.length === 0;
  return (
    <>
      <h2>{t`待合室`}</h2>
      <div role="status">
        {view.signal === "ready" ? null : <p>{t`つないでいます…`}</p>}
        {nobody ? <p>{view.room.visit === "in_progress" ? t`患者さんは今、通話を離れています。戻ると、通話が続きます。` : t`まだ、だれも待っていません。`}</p> : null}
      </div>
      {nobody ? <CallPatient booking={booking.id} /> : null}
      {view.refused ? <NotAdmitted code={view.refused} /> : null}
      <WaitingList waiting={waiting} call={call} />
      <DelayButtons clinician={clinician.id} name={clinician.name} />
      <Video className="preview" stream={stream} muted label={t`自分の映像`} />
    </>
  );
}
