import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { type Booking, client } from "../../api/client";
import { problemOf } from "../../api/problem";
import { dayAndTime, dayName, language } from "../../i18n";
import { Banner } from "../../ui/banner";
import { ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { SummaryList } from "../../ui/summary-list";
import { useAccount } from "../account";
import { type FirstVisitEntry, FirstVisitFields } from "../desk/first-visit-fields";
import { useBases, useSources } from "../desk/words";
import { useCall } from "../use-call";
import { basisField, basisWish, useBasisFaults } from "./basis-wish";
import { basisState, type Intake } from "./parts";

type Basis = Intake["first_visit"];

/** On what a first visit rests (guideline V1(2)); the visit's own doctor confirms or sets it. */
export function BasisPart({ booking, basis, onSaved, onReload }: { booking: Booking; basis: Basis; onSaved: (intake: Intake) => void; onReload: () => Promise<unknown> }) {
  const { t } = useLingui();
  const account = useAccount();
  const [saved, setSaved] = useState(false);
  const [round, setRound] = useState(0);
  const state = basisState(basis);
  if (basis.visit === "repeat" && state === "not_needed") return basis.last_in_person_on ? <p>{t`最後に来院した日（患者さんの申告）: ${dayName(basis.last_in_person_on, language())}`}</p> : null;
  const mine = account.role === "clinician" && account.clinician_id === booking.clinician.id;
  const open = ["held", "requested", "booked", "checked_in", "in_progress"].includes(booking.status);
  return (
    <section aria-labelledby="basis-title">
      <h2 id="basis-title">{t`初診の根拠`}</h2>
      {saved ? <Banner kind="success" live title={t`根拠を確かめました`} /> : <StateBanner state={state} basis={basis} booking={booking} />}
      <Facts basis={basis} />
      {open && mine ? (
        <BasisForm key={round} booking={booking} basis={basis} onReload={() => { void onReload().then(() => { setRound(round + 1); }); }} onSaved={(intake) => {
          setSaved(true);
          onSaved(intake);
        }} />
      ) : null}
      {open && !mine && state !== "confirmed" && state !== "not_needed" ? <p>{t`根拠は、担当の ${booking.clinician.name} 医師が確かめます。`}</p> : null}
    </section>
  );
}

function StateBanner({ state, basis, booking }: { state: ReturnType<typeof basisState>; basis: Basis; booking: Booking }) {
  const { t } = useLingui();
  switch (state) {
    case "missing":
      return <Banner kind="warning" title={t`初診の根拠がまだありません。医師が確かめるまで、患者さんを呼べません`} />;
    case "said":
      return <Banner kind="info" title={t`患者さんの申告です。医師はまだ確かめていません`} />;
    case "confirmed":
      return <p>{t`${dayAndTime(basis.confirmed_at ?? "", booking.zone, language())} に、医師が確かめました。`}</p>;
    case "not_needed":
      return <p>{t`初診とも再診とも決まっていない診療です。初診なら、根拠を確かめてください。`}</p>;
  }
}

function Facts({ basis }: { basis: Basis }) {
  const { t } = useLingui();
  const bases = useBases();
  const sources = useSources();
  const known = basis.medical_information_source.map((one) => sources.find(({ value }) => value === one)?.label ?? one);
  const rows = [
    ...(basis.basis ? [{ term: t`根拠`, value: bases.find(({ value }) => value === basis.basis)?.label ?? basis.basis }] : []),
    ...(basis.last_in_person_on ? [{ term: t`最後に来院した日`, value: dayName(basis.last_in_person_on, language()) }] : []),
    ...(known.length > 0 ? [{ term: t`医学的情報`, value: known.join(t`、`) }] : []),
    ...(basis.pre_consultation_id ? [{ term: t`診療前相談`, value: t`この医療機関で行い、オンライン診療に進むと決めました` }] : []),
  ];
  return rows.length > 0 ? <SummaryList rows={rows} /> : null;
}

function BasisForm({ booking, basis, onSaved, onReload }: { booking: Booking; basis: Basis; onSaved: (intake: Intake) => void; onReload: () => void }) {
  const { t } = useLingui();
  const [entry, setEntry] = useState<FirstVisitEntry>({ basis: basis.basis ?? "", last: basis.last_in_person_on ?? "", sources: basis.medical_information_source });
  const [errors, setErrors] = useErrors();
  const faults = useBasisFaults();
  const { busy, failure, call } = useCall();
  const save = async () => {
    const needed = faults(entry);
    setErrors(needed);
    const body = basisWish(entry, basis.version);
    if (needed.length > 0 || !body) return;
    const done = await call(async () => {
      const answer = await client.PUT("/api/clinic/visits/{id}/basis", { params: { path: { id: booking.id } }, body });
      setErrors(problemOf(answer.error).fields.map(({ pointer, detail }) => ({ field: basisField(pointer), text: detail })));
      return answer;
    });
    if (done) onSaved(done);
  };
  return (
    <form className="narrow-form" noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      {failure && problemOf(failure).code === "stale" ? (
        <p><button type="button" className="button button-outline" onClick={onReload}>{t`今の内容を読み込む（入れた内容は消えます）`}</button></p>
      ) : null}
      <FirstVisitFields stage={basis.visit === "repeat" ? "any" : basis.visit} errors={errors} entry={entry} onChange={setEntry} />
      <button type="submit" className="button button-solid" disabled={busy}>{basisState(basis) === "said" ? t`申告を確かめ、根拠とする` : t`根拠を確かめた`}</button>
    </form>
  );
}
