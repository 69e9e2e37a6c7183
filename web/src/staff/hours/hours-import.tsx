import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { client, type Schemas } from "../../api/client";
import { addDays, clockOfMinutes, dateOf, dayName, language } from "../../i18n";
import { Failure } from "../../ui/errors";
import { CheckField } from "../../ui/fields";
import { FileField } from "../file-field";
import { TableFrame } from "../table-frame";
import { CLINIC_ZONE } from "../today-page";
import { useCall } from "../use-call";
import { ChangePanel, useChange } from "./change";
import { useConditionText } from "./conditions";
import { editsOf, newDates, type Preview, previewOf, type Standing } from "./import";
import { weekdayName } from "./stretches";

/** How far ahead a file's dates can differ, with room: the server reads a year. */
const AHEAD_DAYS = 400;

/** A file with what it would change. */
interface Read {
  preview: Preview;
  standing: Standing;
  services: Schemas["Service"][];
}

/** Hours of a clinician from a calendar file (VAVAILABILITY): shown first, then changed as by hand, and undone as that. */
export function HoursImport({ clinician }: { clinician: string }) {
  const { t } = useLingui();
  const [read, setRead] = useState<Read>();
  const [round, setRound] = useState(0);
  const { busy, failure, call } = useCall();
  const flow = useChange(() => { setRead(undefined); });
  const open = async (file: File) => {
    flow.drop();
    setRead(undefined);
    const text = await file.text();
    const today = dateOf(new Date(), CLINIC_ZONE);
    const preview = await call(() => client.POST("/api/clinic/hours.ics", { params: { query: { clinician } }, body: text, bodySerializer: (body) => body, headers: { "Content-Type": "text/calendar" } }));
    if (!preview) return;
    const kept = await call(() => client.GET("/api/clinic/hours", { params: { query: { clinician } } }));
    if (!kept) return;
    const dates = await call(() => client.GET("/api/clinic/exceptions", { params: { query: { from: today, to: addDays(today, AHEAD_DAYS) } } }));
    if (!dates) return;
    setRound(round + 1);
    setRead({ preview: previewOf(preview), standing: { clinician, version: kept.version, exceptions: dates.items }, services: kept.services });
  };
  return (
    <section aria-labelledby="hours-file-title">
      <h2 id="hours-file-title">{t`診療時間をファイルから取り込む`}</h2>
      <p>{t`ほかのシステムが書き出した診療時間（VAVAILABILITY の .ics ファイル）を読み込みます。取り込む前に、内容と、時間を失う予約を見せます。`}</p>
      {failure ? <Failure error={failure} /> : null}
      <ChangePanel flow={flow} done={t`診療時間を取り込みました`} />
      {read && !flow.change ? <FromFile key={round} read={read} busy={flow.busy} onDrop={() => {
        setRead(undefined);
        document.getElementById("hours-file")?.focus();
      }} onTake={(withDates) => { void flow.propose(editsOf(read.preview, read.standing, withDates)); }} /> : null}
      <FileField id="hours-file" label={t`診療時間の .ics ファイル`} busy={busy || flow.busy} onFile={(file) => { void open(file); }} />
    </section>
  );
}

function FromFile({ read, busy, onTake, onDrop }: { read: Read; busy: boolean; onTake: (withDates: boolean) => void; onDrop: () => void }) {
  const { t } = useLingui();
  const box = useRef<HTMLHeadingElement>(null);
  const [withDates, setWithDates] = useState(true);
  const words = useConditionText(read.services);
  useEffect(() => { box.current?.focus(); }, []);
  const hours = [...read.preview.hours].sort((a, b) => a.weekday - b.weekday || a.opens - b.opens);
  const dates = newDates(read.preview, read.standing);
  const span = (opens: number, closes: number) => `${clockOfMinutes(opens)}–${clockOfMinutes(closes)}`;
  return (
    <div className="panel">
      <h3 ref={box} tabIndex={-1}>{t`ファイルの診療時間`}</h3>
      <p>{t`まだ何も変わっていません。取り込むと、毎週の時間はファイルの内容に置きかわります。`}</p>
      <TableFrame label={t`ファイルの毎週の時間`}>
        <table className="table stacked">
          <caption className="visually-hidden">{t`ファイルの毎週の時間`}</caption>
          <thead>
            <tr>
              <th scope="col">{t`曜日`}</th>
              <th scope="col">{t`時間`}</th>
              <th scope="col">{t`いつ・何に`}</th>
            </tr>
          </thead>
          <tbody>
            {hours.map((one) => (
              <tr key={JSON.stringify(one)}>
                <th scope="row" data-label={t`曜日`}>{weekdayName(one.weekday, language())}</th>
                <td data-label={t`時間`}>{span(one.opens, one.closes)}</td>
                <td data-label={t`いつ・何に`}>{words(one) || t`毎週`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {dates.length > 0 ? (
        <>
          <CheckField id="with-dates" label={t`毎週とちがう ${dates.length} 日も取り込む`} checked={withDates} onChange={setWithDates} />
          <ul className="plain">
            {dates.map(({ date, open }) => <li key={date}>{dayName(date, language())} {open.length === 0 ? t`休診` : open.map(({ opens, closes }) => span(opens, closes)).join(t`、`)}</li>)}
          </ul>
        </>
      ) : null}
      <p className="buttons">
        <button type="button" className="button button-solid" disabled={busy} onClick={() => { onTake(withDates); }}>{t`この診療時間にする`}</button>
        <button type="button" className="button button-outline" onClick={onDrop}>{t`取り込まない`}</button>
      </p>
    </div>
  );
}
