import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { clockOf, dateOf, dayAndTime, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { CopyButton } from "../../ui/copy-button";
import { Failure } from "../../ui/errors";
import { SelectField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { serviceName } from "../hours/conditions";
import { useServices } from "../settings/services";
import { CLINIC_ZONE } from "../today-page";
import { useCall } from "../use-call";
import { PatientForm } from "./patient-form";
import { TimeChoice, type Wanted } from "./time-choice";
import { useOverrideReasons } from "./words";

/** A booking for somebody on the telephone: a time, who they are, what they agree to. */
export function BookPage() {
  const { t } = useLingui();
  const [held, setHeld] = useState<Schemas["Booking"]>();
  const [done, setDone] = useState<Schemas["Confirmed"]>();
  const { failure, call } = useCall();
  const release = async () => {
    if (!held) return;
    if (await call(() => client.POST("/api/clinic/bookings/{id}/release", { params: { path: { id: held.id } } })) !== undefined) setHeld(undefined);
  };
  return (
    <>
      <PageTitle title={t`電話で予約を受ける`} />
      {failure ? <Failure error={failure} /> : null}
      {done ? <Done done={done} onNext={() => {
        setDone(undefined);
        setHeld(undefined);
      }} /> : held ? (
        <>
          <Banner kind="info">
            <p>
              <strong>{dayAndTime(held.start, held.zone, language())}</strong> {held.clinician.name} {serviceName(held.service)}
            </p>
            {held.hold_expires_at ? <p role="status">{t`${clockOf(held.hold_expires_at, held.zone)}まで この時間を おさえています`}</p> : null}
            <button type="button" className="link" onClick={() => { void release(); }}>{t`ほかの時間を選ぶ`}</button>
          </Banner>
          <PatientForm booking={held} onDone={setDone} />
        </>
      ) : <ChooseTime onHeld={setHeld} />}
    </>
  );
}

function ChooseTime({ onHeld }: { onHeld: (booking: Schemas["Booking"]) => void }) {
  const { t } = useLingui();
  const services = useServices();
  const clinicians = api.useQuery("get", "/api/clinic/clinicians");
  const lanes = api.useQuery("get", "/api/clinic/overbookings");
  const reasons = useOverrideReasons();
  const [chosen, setChosen] = useState("");
  const [reason, setReason] = useState<Schemas["OverrideReason"] | "">("");
  const [lane, setLane] = useState("");
  const { busy, failure, call } = useCall();
  const service = chosen || (services.items?.[0]?.id ?? "");
  const hold = async ({ start, clinician }: Wanted) => {
    const booking = await call(() => client.POST("/api/clinic/bookings", {
      body: { service_id: service, start, ...(clinician ? { clinician_id: clinician } : {}), ...(reason ? { override_reason: reason } : {}), ...(lane ? { overbooking_id: lane } : {}) },
    }));
    if (booking) onHeld(booking);
  };
  return (
    <>
      <QueryState query={services} />
      <QueryState query={clinicians} />
      {failure ? <Failure error={failure} /> : null}
      <SelectField id="service" label={t`診療の種類`} value={service} onChange={setChosen} options={(services.items ?? []).map((one) => ({ value: one.id, label: serviceName(one) }))} />
      <details>
        <summary>{t`出していない時間に入れる`}</summary>
        <SelectField id="override" label={t`決まりの外で入れる理由`} hint={t`理由は記録に残ります。`} value={reason} onChange={setReason} options={[{ value: "", label: t`なし` }, ...reasons]} />
        {(lanes.data?.items.length ?? 0) > 0 ? (
          <SelectField id="lane" label={t`重ねて受けるための枠`} value={lane} onChange={setLane} options={[{ value: "", label: t`使わない` }, ...(lanes.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))]} />
        ) : null}
      </details>
      {service && clinicians.data ? (
        <TimeChoice key={service} service={service} clinicians={clinicians.data.items} clinician="" from={dateOf(new Date(), CLINIC_ZONE)} free={reason !== ""} busy={busy} onChoose={(wanted) => { void hold(wanted); }} />
      ) : null}
    </>
  );
}

function Done({ done, onNext }: { done: Schemas["Confirmed"]; onNext: () => void }) {
  const { t } = useLingui();
  const { booking, link } = done;
  return (
    <Banner kind="success" live title={booking.status === "requested" ? t`申し込みを受けました。承認するまで、時間はおさえてあります` : t`予約を受けました`}>
      <p>
        <strong>{dayAndTime(booking.start, booking.zone, language())}</strong> {booking.clinician.name}
      </p>
      <p>{t`予約番号 ${booking.number ?? ""}`}</p>
      <p>{t`患者さんが診察に入るためのリンクです。この画面でだけ見られます。`}</p>
      <p>
        <code>{link}</code> <CopyButton text={link} label={t`リンクをコピーする`} />
      </p>
      <button type="button" className="button button-outline" onClick={onNext}>{t`次の予約を受ける`}</button>
    </Banner>
  );
}
