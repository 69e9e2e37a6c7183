import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../api/client";
import { addDays, clockOfMinutes, dateOf, dayAndTime, dayName, language } from "../i18n";
import { Banner } from "../ui/banner";
import { ErrorSummary, errorOf, Failure, type FieldError } from "../ui/errors";
import { TextField } from "../ui/fields";
import { PageTitle } from "../ui/page";
import { QueryState } from "../ui/query-state";
import { ClinicianSelect } from "./clinician-select";
import { CLINIC_ZONE } from "./today-page";
import { TableFrame } from "./table-frame";

/** How far ahead exceptions are listed. */
const AHEAD_DAYS = 180;

/** Days that are closed though the weekly hours say otherwise, and the bookings such a day leaves behind. */
export function ClosedDaysPage() {
  const { t } = useLingui();
  const today = dateOf(new Date(), CLINIC_ZONE);
  const clinicians = api.useQuery("get", "/api/clinic/clinicians");
  const list = api.useQuery("get", "/api/clinic/exceptions", { params: { query: { from: today, to: addDays(today, AHEAD_DAYS) } } });
  const [stranded, setStranded] = useState<Schemas["ExceptionAdded"]>();
  const names = clinicians.data?.items ?? [];
  return (
    <>
      <PageTitle title={t`休診日`} />
      <AddForm clinicians={names} today={today} onAdded={(added) => {
        setStranded(added);
        void list.refetch();
      }} />
      {stranded ? <Stranded added={stranded} /> : null}
      <h2>{t`決めてある日`}</h2>
      <QueryState query={list} />
      {list.data?.items.length === 0 ? <p>{t`これからの休診日はありません。`}</p> : null}
      {list.data && list.data.items.length > 0 ? (
        <TableFrame label={t`決めてある日`}>
          <table className="table stacked">
            <caption className="visually-hidden">{t`決めてある日`}</caption>
            <thead>
              <tr>
                <th scope="col">{t`日付`}</th>
                <th scope="col">{t`だれの`}</th>
                <th scope="col">{t`内容`}</th>
                <th scope="col">{t`メモ`}</th>
                <th scope="col">{t`操作`}</th>
              </tr>
            </thead>
            <tbody>
              {list.data.items.map((item) => (
                <ExceptionRow key={item.id} item={item} who={item.clinician_id ? (names.find((one) => one.id === item.clinician_id)?.name ?? "") : t`医療機関全体`} onRemoved={() => { void list.refetch(); }} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      ) : null}
    </>
  );
}

function AddForm({ clinicians, today, onAdded }: { clinicians: Schemas["Clinician"][]; today: string; onAdded: (added: Schemas["ExceptionAdded"]) => void }) {
  const { t } = useLingui();
  const [clinician, setClinician] = useState("");
  const [date, setDate] = useState("");
  const [note, setNote] = useState("");
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [failure, setFailure] = useState<unknown>(null);
  const add = async () => {
    setFailure(null);
    const faults = !date ? [{ field: "date", text: t`日付を入れてください` }] : date < today ? [{ field: "date", text: t`今日より前の日は選べません` }] : [];
    setErrors(faults);
    if (faults.length > 0) return;
    try {
      const { data, error } = await client.POST("/api/clinic/exceptions", {
        body: { ...(clinician ? { clinician_id: clinician } : {}), date, kind: "closed", ...(note.trim() ? { note: note.trim() } : {}) },
      });
      if (!data) {
        setFailure(error);
        return;
      }
      setDate("");
      setNote("");
      onAdded(data);
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <form className="panel" noValidate onSubmit={(event) => {
      event.preventDefault();
      void add();
    }}>
      <h2>{t`休診日を足す`}</h2>
      <ErrorSummary errors={errors} />
      {failure ? <Failure error={failure} /> : null}
      <div className="form-row">
        <TextField id="date" type="date" width="medium" label={t`日付`} error={errorOf(errors, "date")} value={date} onChange={setDate} />
        <ClinicianSelect whole clinicians={clinicians} value={clinician} onChange={setClinician} />
        <TextField id="note" optional label={t`メモ`} value={note} onChange={setNote} />
      </div>
      <button type="submit" className="button button-solid">{t`休診にする`}</button>
    </form>
  );
}

/** The bookings that now stand on a closed day. */
function Stranded({ added }: { added: Schemas["ExceptionAdded"] }) {
  const { t } = useLingui();
  const day = dayName(added.item.date, language());
  if (added.stranded.length === 0) return <Banner kind="success" live title={t`${day}を休診にしました。この日の予約はありません`} />;
  return (
    <Banner kind="warning" live title={t`${day}を休診にしました。この日の予約が ${added.stranded.length} 件あります`}>
      <p>{t`予約は取り消されていません。患者さんに連絡し、日時を変えるか取り消してください。`}</p>
      <ul>
        {added.stranded.map((one) => (
          <li key={one.booking_id}>
            {dayAndTime(one.start, CLINIC_ZONE, language())} {one.number ? t`予約番号 ${one.number}` : ""}{" "}
            <a href={`/staff?date=${added.item.date}`}>{t`一覧で見る`}</a>
          </li>
        ))}
      </ul>
    </Banner>
  );
}

function ExceptionRow({ item, who, onRemoved }: { item: Schemas["Exception"]; who: string; onRemoved: () => void }) {
  const { t } = useLingui();
  const [failure, setFailure] = useState<unknown>(null);
  const remove = async () => {
    setFailure(null);
    try {
      const { response, error } = await client.DELETE("/api/clinic/exceptions/{id}", { params: { path: { id: item.id } } });
      if (response.ok) onRemoved();
      else setFailure(error);
    } catch (error) {
      setFailure(error);
    }
  };
  const span = item.opens != null && item.closes != null ? ` ${clockOfMinutes(item.opens)}–${clockOfMinutes(item.closes)}` : "";
  return (
    <tr>
      <th scope="row" data-label={t`日付`}>{dayName(item.date, language())}</th>
      <td data-label={t`だれの`}>{who}</td>
      <td data-label={t`内容`}>{item.kind === "closed" ? t`休診` : t`臨時の診療`}{span}</td>
      <td data-label={t`メモ`}>{item.note}</td>
      <td data-label={t`操作`}>
        <button type="button" className="link" aria-label={t`${dayName(item.date, language())} を元に戻す`} onClick={() => { void remove(); }}>{t`元に戻す`}</button>
        {failure ? <Failure error={failure} /> : null}
      </td>
    </tr>
  );
}
