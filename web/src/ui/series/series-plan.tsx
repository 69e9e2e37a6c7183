import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import type { Booking, Slot } from "../../api/client";
import { dayAndTime, dayName, language } from "../../i18n";
import { errorOf, ErrorSummary, Failure, useErrors } from "../errors";
import { CheckField, RadioGroup, SelectField } from "../fields";
import { useCall } from "../use-call";
import { type Choice, firstChoice, keyOf, type Proposal, type SeriesVisit, twice, visitsOf } from "./plan";

/** An answer of the typed client. */
export interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** How visits come again. */
export interface Plan {
  every_days: number;
  count: number;
}

/** The rhythm in words. */
export function useRhythms(days: readonly number[]): { value: string; label: string }[] {
  const { t } = useLingui();
  return days.map((day) => {
    const weeks = day / 7;
    return { value: String(day), label: day === 1 ? t`毎日` : Number.isInteger(weeks) ? t`${weeks} 週間ごと` : t`${day} 日ごと` };
  });
}

/** The next visits: how often and how many, what is free of it, and all that was chosen booked in one step. */
export function SeriesPlan({ booking, rhythms, most, load, book, onBooked }: {
  booking: Booking;
  /** Days from one visit to the next that can be chosen. */
  rhythms: readonly number[];
  most: number;
  load: (plan: Plan) => Promise<Answer<{ items: Proposal[] }>>;
  book: (visits: SeriesVisit[]) => Promise<Answer<{ items: Booking[] }>>;
  onBooked: (made: Booking[]) => void;
}) {
  const { t } = useLingui();
  const [every, setEvery] = useState(String(rhythms.includes(28) ? 28 : rhythms[0]));
  const [count, setCount] = useState("3");
  const [found, setFound] = useState<Proposal[]>();
  const [round, setRound] = useState(0);
  const options = useRhythms(rhythms);
  const { busy, failure, call } = useCall();
  const taking = useCall();
  const look = async () => {
    const told = await call(() => load({ every_days: Number(every), count: Number(count) }));
    setFound(told?.items);
    setRound((before) => before + 1);
  };
  const take = async (visits: SeriesVisit[]) => {
    const made = await taking.call(() => book(visits));
    if (made) {
      setFound(undefined);
      onBooked(made.items);
      return;
    }
    // Of what was free something is gone: what is free now is looked for again.
    await look();
  };
  return (
    <section aria-labelledby="plan-title">
      <h2 id="plan-title">{t`続きの予約を取る`}</h2>
      <p>{t`この予約と同じ時刻、同じ医師で、続きの予約をまとめて取ります。`}</p>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        taking.forget();
        void look();
      }}>
        {failure ? <Failure error={failure} /> : null}
        <SelectField id="every" label={t`どのくらいの間をあけるか`} value={every} options={options} onChange={(next) => {
          setEvery(next);
          setFound(undefined);
        }} />
        <SelectField id="count" label={t`あと何回`} value={count} options={Array.from({ length: most }, (_, at) => ({ value: String(at + 1), label: t`${at + 1} 回` }))} onChange={(next) => {
          setCount(next);
          setFound(undefined);
        }} />
        <button type="submit" className="button button-outline" disabled={busy}>{t`空いているか見る`}</button>
      </form>
      {taking.failure ? <Failure error={taking.failure} /> : null}
      {found ? <Proposals key={round} booking={booking} proposals={found} busy={busy || taking.busy} onTake={(visits) => { void take(visits); }} /> : null}
    </section>
  );
}

function Proposals({ booking, proposals, busy, onTake }: { booking: Booking; proposals: Proposal[]; busy: boolean; onTake: (visits: SeriesVisit[]) => void }) {
  const { t } = useLingui();
  const box = useRef<HTMLHeadingElement>(null);
  const [choice, setChoice] = useState<Choice>(() => firstChoice(proposals));
  const [errors, setErrors] = useErrors();
  useEffect(() => { box.current?.focus(); }, []);
  const put = (date: string, slot: Slot | undefined) => { setChoice({ ...choice, [date]: slot }); };
  const visits = visitsOf(proposals, choice, booking.clinician.id);
  const take = () => {
    const again = twice(proposals, choice);
    const faults = [
      ...(visits.length === 0 ? [{ field: `visit-${proposals[0]?.date ?? ""}`, text: t`予約する回を1つは選んでください` }] : []),
      ...(again === undefined ? [] : [{ field: `visit-${again}`, text: t`同じ時間を2回選んでいます` }]),
    ];
    setErrors(faults);
    if (faults.length === 0) onTake(visits);
  };
  const free = proposals.filter((one) => one.slot).length;
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      take();
    }}>
      <h3 className="found" ref={box} tabIndex={-1}>{t`${proposals.length} 回のうち ${free} 回は、同じ時刻が空いています`}</h3>
      <ErrorSummary errors={errors} />
      {proposals.map((one) => <ProposalField key={one.date} booking={booking} proposal={one} chosen={choice[one.date]} error={errorOf(errors, `visit-${one.date}`)} onChoose={(slot) => { put(one.date, slot); }} />)}
      <button type="submit" className="button button-solid" disabled={busy}>{t`選んだ ${visits.length} 回を予約する`}</button>
    </form>
  );
}

/** One visit: taken or left out; where its time is not free, why, and what is free near it. */
function ProposalField({ booking, proposal, chosen, error, onChoose }: { booking: Booking; proposal: Proposal; chosen: Slot | undefined; error: string | undefined; onChoose: (slot: Slot | undefined) => void }) {
  const { t } = useLingui();
  const id = `visit-${proposal.date}`;
  const at = (slot: Slot) => dayAndTime(slot.start, booking.zone, language());
  const { slot } = proposal;
  if (slot) return <CheckField id={id} label={at(slot)} error={error} checked={chosen !== undefined} onChange={(yes) => { onChoose(yes ? slot : undefined); }} />;
  const hint = proposal.detail ?? t`この日の同じ時刻は空いていません。`;
  return (
    <RadioGroup id={id} legend={dayName(proposal.date, language())} hint={hint} error={error} value={chosen ? keyOf(chosen) : "none"} options={[
      { value: "none", label: t`この回は取らない` },
      ...proposal.alternatives.map((one) => ({ value: keyOf(one), label: at(one) })),
    ]} onChange={(key) => { onChoose(proposal.alternatives.find((one) => keyOf(one) === key)); }} />
  );
}
