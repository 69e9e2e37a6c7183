import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { client } from "../../api/client";
import { problemOf } from "../../api/problem";
import { Banner } from "../../ui/banner";
import { errorOf, ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { TextField } from "../../ui/fields";
import { useCall } from "../use-call";
import { FeeFields } from "./fee-fields";
import { cancelRowOf, controlAt, EMPTY, type Fees, type Row, rowOf, wishOf } from "./fees";

/** The fees of one kind of visit, which patients see before they book; kept as the next version. */
export function FeesForm({ service, fees, onReload }: { service: string; fees: Fees; onReload: () => void }) {
  const { t } = useLingui();
  const [version, setVersion] = useState(fees.version ?? null);
  const [rows, setRows] = useState<Row[]>(() => fees.items.map(rowOf));
  const [next, setNext] = useState(fees.items.length);
  const [cancel, setCancel] = useState(() => cancelRowOf(fees.cancel));
  const [errors, setErrors] = useErrors();
  const [saved, setSaved] = useState(false);
  const { busy, failure, call } = useCall();
  const change = (changed: Row[]) => {
    setSaved(false);
    setRows(changed);
  };
  const putCancel = (part: Partial<typeof cancel>) => {
    setSaved(false);
    setCancel({ ...cancel, ...part });
  };
  const save = async () => {
    setSaved(false);
    const wish = wishOf(rows, cancel);
    if ("faults" in wish) {
      setErrors(wish.faults.map((field) => ({ field, text: t`金額を、数で入れてください` })));
      return;
    }
    setErrors([]);
    const done = await call(async () => {
      const answer = await client.PUT("/api/clinic/services/{id}/fees", { params: { path: { id: service } }, body: { version, ...wish } });
      setErrors(problemOf(answer.error).fields.flatMap(({ pointer, detail }) => {
        const field = controlAt(rows, pointer);
        return field ? [{ field, text: detail }] : [];
      }));
      return answer;
    });
    if (!done) return;
    setVersion(done.version ?? null);
    setSaved(true);
  };
  return (
    <form className="narrow-form" noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <h2>{t`料金`}</h2>
      <p>{t`予約を決める前に、患者さんに見せます。`} {fees.insured ? t`保険診療なので、予約料は取れません。` : t`自費の診療です。`} {version === null ? t`まだありません。` : t`今の内容は第${version}版です。`}</p>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      {failure && problemOf(failure).code === "stale" ? (
        <p><button type="button" className="button button-outline" onClick={onReload}>{t`今の内容を読み込む（入れた内容は消えます）`}</button></p>
      ) : null}
      {saved && version !== null ? <Banner kind="success" live title={t`料金を、第${version}版として保存しました`} /> : null}
      {rows.map((row, place) => (
        <FeeFields key={row.key} row={row} place={place} insured={fees.insured} errors={errors} onChange={(part) => { change(rows.map((one) => (one.key === row.key ? { ...one, ...part } : one))); }} onRemove={() => {
          change(rows.filter((one) => one.key !== row.key));
          document.getElementById("fee-add")?.focus();
        }} />
      ))}
      <p>
        <button type="button" id="fee-add" className="button button-outline" onClick={() => {
          change([...rows, { ...EMPTY, key: next }]);
          setNext(next + 1);
        }}>{t`料金を足す`}</button>
      </p>
      <h3>{t`取り消したときの料金`}</h3>
      <TextField id="cancel-fee_yen" width="short" inputMode="numeric" optional label={t`金額（円、税込み）`} error={errorOf(errors, "cancel-fee_yen")} value={cancel.fee_yen} onChange={(fee_yen) => { putCancel({ fee_yen }); }} />
      <div className="form-grid">
        <TextField id="cancel-note_ja" rows={2} optional label={t`いつ、いただくか（日本語）`} error={errorOf(errors, "cancel-note_ja")} value={cancel.note_ja} onChange={(note_ja) => { putCancel({ note_ja }); }} />
        <TextField id="cancel-note_en" rows={2} optional label={t`いつ、いただくか（英語）`} error={errorOf(errors, "cancel-note_en")} value={cancel.note_en} onChange={(note_en) => { putCancel({ note_en }); }} />
      </div>
      <button type="submit" className="button button-solid" disabled={busy}>{t`料金を保存する`}</button>
    </form>
  );
}
