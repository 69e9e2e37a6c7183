import { useLingui } from "@lingui/react/macro";
import { useCallback, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { api, client, type Schemas } from "../api/client";
import { addDays, dateOf, dayName, language, minutesBetween, timeOf } from "../i18n";
import { useStatusText } from "../ui/booking-status";
import { Failure } from "../ui/errors";
import { SelectField } from "../ui/fields";
import { useNow } from "../ui/now";
import { PageTitle } from "../ui/page";
import { QueryState } from "../ui/query-state";
import { useAccount } from "./account";
import { ArrivalSwitch, useArrivals } from "./arrivals";
import { readChecks, useCheckText } from "./checks";
import { useCancelReasons } from "./desk/words";
import { TableFrame } from "./table-frame";
import { useChanges } from "./use-changes";
import { useItemWords } from "./visit/clearance-words";
import { DelayButtons } from "./visit/delay-buttons";

type Item = Schemas["ClinicVisit"];

/** Asked to come in, and not admitted yet. */
const isWaiting = (item: Item): boolean =>
  item.waiting_since != null && item.admitted_at == null && (item.booking.status === "booked" || item.booking.status === "checked_in");

/** The zone of the clinics of this service, for "today" before any visit is known. */
export const CLINIC_ZONE = "Asia/Tokyo";

/**
 * The day's list: who comes, who waits, whose camera works, what is not clear yet. The server says when something
 * changed; every half minute it is looked at all the same, for what another process of the service did.
 */
export function TodayPage() {
  const { t } = useLingui();
  const [search, setSearch] = useSearchParams();
  const now = useNow(5_000);
  const today = dateOf(now, CLINIC_ZONE);
  const date = search.get("date") ?? today;
  const query = api.useQuery("get", "/api/clinic/visits", { params: { query: { date } } }, { refetchInterval: 30_000 });
  const { refetch } = query;
  const account = useAccount();
  const go = (next: string) => { setSearch(next === today ? {} : { date: next }); };
  const items = [...(query.data?.items ?? [])].sort((a, b) => Date.parse(a.booking.start) - Date.parse(b.booking.start));
  const waiting = items.filter(isWaiting);
  const count = waiting.length;
  // A doctor hears of their own patients; who keeps the desk, of all.
  const mine = waiting.filter((item) => account.role !== "clinician" || item.booking.clinician.id === account.clinician_id);
  const [sounds, turn] = useArrivals(date === today && query.data ? mine.map((item) => item.booking.id) : undefined);
  useChanges(useCallback(() => { void refetch(); }, [refetch]), sounds);
  return (
    <>
      <PageTitle title={date === today ? t`今日の診察` : t`診察の一覧`} />
      <div className="toolbar" role="group" aria-label={t`日付`}>
        <button type="button" className="button button-outline button-small" onClick={() => { go(addDays(date, -1)); }}>{t`前の日`}</button>
        <strong>{dayName(date, language())}</strong>
        <button type="button" className="button button-outline button-small" onClick={() => { go(addDays(date, 1)); }}>{t`次の日`}</button>
        <label>
          <span className="visually-hidden">{t`日付を選ぶ`}</span>
          <input type="date" className="input input-small" value={date} onChange={(event) => { if (event.target.value) go(event.target.value); }} />
        </label>
        {date === today ? null : (
          <button type="button" className="button button-outline button-small" onClick={() => { go(today); }}>{t`今日`}</button>
        )}
      </div>
      <p role="status">{t`${items.length} 件、待っている方 ${count} 人`}</p>
      {date === today ? <ArrivalSwitch on={sounds} onTurn={turn} /> : null}
      <QueryState query={query} />
      {query.data && items.length === 0 ? <p>{t`この日の診察はありません。`}</p> : null}
      {date === today ? <Delays items={items} /> : null}
      {items.length > 0 ? <DayTable items={items} now={now} onChanged={() => { void query.refetch(); }} /> : null}
    </>
  );
}

/** How late each doctor of whom somebody may come today is. */
function Delays({ items }: { items: Item[] }) {
  const coming = items.filter((item) => item.booking.status === "booked" || item.booking.status === "checked_in" || item.booking.status === "in_progress");
  const doctors = new Map(coming.map((item) => [item.booking.clinician.id, item.booking.clinician.name]));
  return [...doctors].map(([id, name]) => <DelayButtons key={id} clinician={id} name={name} />);
}

function DayTable({ items, now, onChanged }: { items: Item[]; now: Date; onChanged: () => void }) {
  const { t } = useLingui();
  return (
    <TableFrame label={t`診察の一覧`}>
      <table className="table stacked">
        <caption className="visually-hidden">{t`診察の一覧`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`時刻`}</th>
            <th scope="col">{t`患者`}</th>
            <th scope="col">{t`医師`}</th>
            <th scope="col">{t`状態`}</th>
            <th scope="col">{t`待ち`}</th>
            <th scope="col">{t`機器・回線`}</th>
            <th scope="col">{t`診察前の確認`}</th>
            <th scope="col">{t`相談・電話`}</th>
            <th scope="col">{t`操作`}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Row key={item.booking.id} item={item} now={now} onChanged={onChanged} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

/** Minutes from which a wait is marked as long. */
const LONG_WAIT_MIN = 5;

function Row({ item, now, onChanged }: { item: Item; now: Date; onChanged: () => void }) {
  const { t } = useLingui();
  const status = useStatusText();
  const isDoctor = useAccount().role === "clinician";
  const check = useCheckText()(readChecks(item.device_check, item.line_check, item.line));
  const { booking, patient } = item;
  const waits = item.waiting_since && isWaiting(item) ? minutesBetween(item.waiting_since, now) : undefined;
  const name = patient?.name ?? booking.patient_name ?? "";
  const open = booking.status === "booked" || booking.status === "checked_in" || booking.status === "in_progress";
  return (
    <tr className={waits === undefined ? "" : "row-waiting"}>
      <th scope="row" data-label={t`時刻`}>{timeOf(booking.start, booking.zone, language())}</th>
      <td data-label={t`患者`}>
        <strong><bdi>{name}</bdi></strong>
        <br />
        <span className="small">{patient?.kana}</span>
        <br />
        <span className="small">{booking.number}</span>
      </td>
      <td data-label={t`医師`}>{booking.clinician.name}</td>
      <td data-label={t`状態`}>{waits === undefined ? status(booking.status) : t`待合室`}</td>
      <td data-label={t`待ち`}>{waits === undefined ? "―" : <strong className={waits >= LONG_WAIT_MIN ? "bad" : ""}>{t`${waits} 分`}</strong>}</td>
      <td data-label={t`機器・回線`}>
        <span className={check.bad ? "bad" : ""}>{check.text}</span>
      </td>
      <td data-label={t`診察前の確認`}><Open item={item} now={now} /></td>
      <td data-label={t`相談・電話`} className="symptoms">
        <bdi>{patient?.symptoms}</bdi>
        {patient?.phone ? <a className="tel" href={`tel:${patient.phone}`}>{patient.phone}</a> : null}
      </td>
      <td data-label={t`操作`} className="row-actions">
        <Link to={`/staff/intake/${booking.id}`} aria-label={t`${name} さんの問診を見る`}>{t`問診`}</Link>
        {open ? (
          <>
            {/* Another document: only it may use the camera. */}
            {isDoctor ? (
              <a className={`button button-small ${waits === undefined ? "button-outline" : "button-solid"}`} href={`/staff/visit/${booking.id}`} aria-label={t`${name} さんの診察へ`}>
                {waits === undefined ? t`診察へ` : t`呼ぶ`}
              </a>
            ) : (
              <a className="button button-small button-outline" href={`/staff/visit/${booking.id}`} aria-label={t`${name} さんの予約を見る`}>
                {t`予約を見る`}
              </a>
            )}
            {booking.status === "booked" ? <Link to={`/staff/move/${booking.id}`} aria-label={t`${name} さんの日時を変える`}>{t`日時を変える`}</Link> : null}
            <Link to={`/staff/repeat/${booking.id}`} aria-label={t`${name} さんの続きの予約`}>{t`続きの予約`}</Link>
            <Link to={`/staff/messages/${booking.id}`} aria-label={t`${name} さんへのお知らせ`}>{t`お知らせ`}</Link>
            {booking.status === "booked" ? <CancelButton booking={booking.id} onDone={onChanged} /> : null}
          </>
        ) : null}
      </td>
    </tr>
  );
}

/** From so many minutes before its time a visit that is not ready is marked. */
const SOON_MIN = 10;

/** What is not clear yet and must be before the patient is let in. */
function Open({ item: { open, booking }, now }: { item: Item; now: Date }) {
  const { t } = useLingui();
  const words = useItemWords();
  if (!open) return "―";
  if (open.length === 0) return t`済み`;
  const soon = Date.parse(booking.start) - now.getTime() < SOON_MIN * 60_000;
  return (
    <span className={soon ? "bad" : ""}>
      {t`あと ${open.length} 件`}
      <br />
      <span className="small">{open.map((one) => words[one]).join(t`、`)}</span>
    </span>
  );
}

type Reason = Schemas["CancelReason"];

function CancelButton({ booking, onDone }: { booking: string; onDone: () => void }) {
  const { t } = useLingui();
  const reasons = useCancelReasons();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState<Reason>("clinic_unavailable");
  const [failure, setFailure] = useState<unknown>(null);
  const cancel = async () => {
    setFailure(null);
    try {
      const { data, error } = await client.POST("/api/clinic/visits/{id}/cancel", { params: { path: { id: booking } }, body: { reason } });
      if (data) onDone();
      else setFailure(error);
    } catch (error) {
      setFailure(error);
    }
  };
  if (!asking) return <button type="button" className="link" onClick={() => { setAsking(true); }}>{t`取り消す`}</button>;
  return (
    <form className="inline-form" onSubmit={(event) => {
      event.preventDefault();
      void cancel();
    }}>
      <SelectField id={`reason-${booking}`} label={t`取り消しの理由`} value={reason} onChange={setReason} options={reasons} />
      <button type="submit" className="button button-danger button-small">{t`予約を取り消す`}</button>
      <button type="button" className="link" onClick={() => { setAsking(false); }}>{t`やめる`}</button>
      {failure ? <Failure error={failure} /> : null}
    </form>
  );
}
