import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { api, client, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { dateOf, dayAndTime, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { Failure } from "../../ui/errors";
import { SelectField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { CLINIC_ZONE } from "../today-page";
import { useCall } from "../use-call";
import { TimeChoice, type Wanted } from "./time-choice";
import { useOverrideReasons } from "./words";

/** A visit put at another time in one step; past the patient's cut-off only with a reason. */
export function MovePage() {
  const { t } = useLingui();
  const { id = "" } = useParams();
  const visit = api.useQuery("get", "/api/clinic/visits/{id}", { params: { path: { id } } });
  return (
    <>
      <PageTitle title={t`日時を変える`} />
      <QueryState query={visit} />
      {visit.data ? <Move booking={visit.data.booking} onMoved={() => { void visit.refetch(); }} /> : null}
    </>
  );
}

function Move({ booking, onMoved }: { booking: Schemas["Booking"]; onMoved: () => void }) {
  const { t } = useLingui();
  const reasons = useOverrideReasons();
  const clinicians = api.useQuery("get", "/api/clinic/clinicians");
  const [reason, setReason] = useState<Schemas["OverrideReason"] | "">("");
  const [moved, setMoved] = useState("");
  const { busy, failure, call } = useCall();
  const move = async ({ start, clinician }: Wanted) => {
    const body = { start, clinician_id: clinician || booking.clinician.id, version: booking.version, ...(reason ? { override_reason: reason } : {}) };
    const done = await call(() => client.POST("/api/clinic/visits/{id}/move", { params: { path: { id: booking.id } }, body }));
    if (!done) return;
    setMoved(dayAndTime(done.start, done.zone, language()));
    onMoved();
  };
  const asksReason = failure !== null && problemOf(failure).code === "override_needed";
  return (
    <>
      {moved ? (
        <Banner kind="success" live title={t`${moved} に変えました`}>
          <p><Link to={`/staff?date=${dateOf(new Date(booking.start), CLINIC_ZONE)}`}>{t`一覧で見る`}</Link></p>
        </Banner>
      ) : null}
      <p>
        {booking.number ? t`予約番号 ${booking.number}` : ""} {t`今の日時: ${dayAndTime(booking.start, booking.zone, language())}`}
      </p>
      {failure ? <Failure error={failure} /> : null}
      <SelectField id="override" label={t`決まりの外で変える理由`} hint={t`ふだんは要りません。締め切りを過ぎたとき、または出していない時間に変えるときに選びます。理由は記録に残ります。`} {...(asksReason ? { error: t`この変更には理由が要ります` } : {})} value={reason} onChange={setReason} options={[{ value: "", label: t`なし` }, ...reasons]} />
      <TimeChoice service={booking.service.id} clinicians={clinicians.data?.items ?? []} clinician={booking.clinician.id} from={dateOf(new Date(booking.start), CLINIC_ZONE)} free={reason !== ""} busy={busy} onChoose={(wanted) => { void move(wanted); }} />
    </>
  );
}
