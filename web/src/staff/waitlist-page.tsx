import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../api/client";
import { clockOfMinutes, dayAndTime, dayName, language, minutesOfClock } from "../i18n";
import { Banner } from "../ui/banner";
import { errorOf, ErrorSummary, Failure, useErrors } from "../ui/errors";
import { RadioGroup, TextField } from "../ui/fields";
import { PageTitle } from "../ui/page";
import { QueryState } from "../ui/query-state";
import { clockField, DAY } from "./hours/stretches";
import { TimeField } from "./hours/time-field";
import { TableFrame } from "./table-frame";
import { CLINIC_ZONE } from "./today-page";
import { useCall } from "./use-call";

/** Who waits for a time, and how freed times are offered. */
export function WaitlistPage() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/waitlist");
  return (
    <>
      <PageTitle title={t`キャンセル待ち`} />
      <QueryState query={query} />
      {query.data ? (
        <>
          <p>{t`この30日に空いた時間を ${query.data.offered} 回知らせ、${query.data.filled} 回うまりました。`}</p>
          <Waiting items={query.data.items} onChanged={() => { void query.refetch(); }} />
          <PolicyForm policy={query.data.policy} onSaved={() => { void query.refetch(); }} />
        </>
      ) : null}
    </>
  );
}

function Waiting({ items, onChanged }: { items: Schemas["ClinicWaitlist"]["items"]; onChanged: () => void }) {
  const { t } = useLingui();
  const { failure, call } = useCall();
  const remove = async (id: string) => {
    if (await call(() => client.DELETE("/api/clinic/waitlist/{id}", { params: { path: { id } } })) !== undefined) onChanged();
  };
  if (items.length === 0) return <p>{t`待っている方はいません。`}</p>;
  return (
    <>
      {failure ? <Failure error={failure} /> : null}
      <TableFrame label={t`待っている方`}>
        <table className="table stacked">
          <caption className="visually-hidden">{t`待っている方`}</caption>
          <thead>
            <tr>
              <th scope="col">{t`患者`}</th>
              <th scope="col">{t`診療`}</th>
              <th scope="col">{t`待っている時間`}</th>
              <th scope="col">{t`いつから`}</th>
              <th scope="col">{t`知らせた回数`}</th>
              <th scope="col">{t`操作`}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={one.id}>
                <th scope="row" data-label={t`患者`}><bdi>{one.patient_name}</bdi></th>
                <td data-label={t`診療`}>{language() === "ja" ? one.service_ja : one.service_en || one.service_ja}</td>
                <td data-label={t`待っている時間`}>
                  {t`${dayName(one.from, language())}から${dayName(one.until, language())}まで`}
                  {one.from_minute > 0 || one.until_minute < DAY ? <span className="small block">{`${clockOfMinutes(one.from_minute)}–${clockOfMinutes(one.until_minute)}`}</span> : null}
                </td>
                <td data-label={t`いつから`}>{dayAndTime(one.since, CLINIC_ZONE, language())}</td>
                <td data-label={t`知らせた回数`}>{one.offers}</td>
                <td data-label={t`操作`}>
                  <button type="button" className="link" aria-label={t`${one.patient_name ?? ""} さんを一覧から外す`} onClick={() => { void remove(one.id); }}>{t`一覧から外す`}</button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </>
  );
}

function PolicyForm({ policy, onSaved }: { policy: Schemas["ClinicWaitlist"]["policy"]; onSaved: () => void }) {
  const { t } = useLingui();
  const [entry, setEntry] = useState({ mode: policy.mode, window: String(policy.window_min), most: String(policy.most), from: clockField(policy.quiet_from), until: clockField(policy.quiet_until) });
  const [errors, setErrors] = useErrors();
  const [saved, setSaved] = useState(false);
  const { busy, failure, call } = useCall();
  const put = (part: Partial<typeof entry>) => {
    setSaved(false);
    setEntry({ ...entry, ...part });
  };
  const save = async () => {
    const [window, most, from, until] = [Number(entry.window), Number(entry.most), minutesOfClock(entry.from), minutesOfClock(entry.until)];
    const faults = [
      ...(window >= 5 && window <= DAY ? [] : [{ field: "window", text: t`5から1440までの数にしてください` }]),
      ...(most >= 1 && most <= 20 ? [] : [{ field: "most", text: t`1から20までの数にしてください` }]),
      ...(from === undefined ? [{ field: "quiet-from", text: t`時刻は 9:00 のように入れてください` }] : []),
      ...(until === undefined ? [{ field: "quiet-until", text: t`時刻は 9:00 のように入れてください` }] : []),
    ];
    setErrors(faults);
    if (faults.length > 0) return;
    const body = { mode: entry.mode, window_min: window, most, quiet_from: from ?? 0, quiet_until: until ?? 0, version: policy.version };
    if (await call(() => client.PUT("/api/clinic/waitlist/policy", { body })) === undefined) return;
    setSaved(true);
    onSaved();
  };
  return (
    <form className="narrow-form" noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <h2>{t`空いた時間の知らせかた`}</h2>
      <ErrorSummary errors={errors} />
      {failure ? <Failure error={failure} /> : null}
      {saved ? <Banner kind="success" live title={t`保存しました`} /> : null}
      <RadioGroup id="mode" legend={t`だれに知らせるか`} value={entry.mode} onChange={(mode) => { put({ mode }); }} options={[
        { value: "one", label: t`長く待っている方から、一人ずつ` },
        { value: "all", label: t`待っている方みんなに、いっしょに` },
        { value: "off", label: t`知らせない` },
      ]} />
      <div className="form-grid">
        <TextField id="window" width="short" inputMode="numeric" label={t`おさえておく時間（分）`} error={errorOf(errors, "window")} value={entry.window} onChange={(window) => { put({ window }); }} />
        <TextField id="most" width="short" inputMode="numeric" label={t`1つの時間を知らせる人数の上限`} error={errorOf(errors, "most")} value={entry.most} onChange={(most) => { put({ most }); }} />
        <TimeField id="quiet-from" label={t`夜、知らせない時間の始まり`} error={errorOf(errors, "quiet-from")} value={entry.from} onChange={(from) => { put({ from }); }} />
        <TimeField id="quiet-until" label={t`夜、知らせない時間の終わり`} error={errorOf(errors, "quiet-until")} value={entry.until} onChange={(until) => { put({ until }); }} />
      </div>
      <button type="submit" className="button button-solid" disabled={busy}>{t`保存する`}</button>
    </form>
  );
}
