import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { client, type Schemas } from "../../api/client";
import { errorOf, ErrorSummary, Failure, type FieldError, fieldErrors, useErrors } from "../../ui/errors";
import { CheckField, SelectField, TextField } from "../../ui/fields";
import { useCall } from "../use-call";
import { wholeNumber } from "./numbers";

type Device = Schemas["SubsidyDevice"];
interface Line { kind: Device; name: string; quantity: string; yen: string }

const EMPTY = { code10: "", applied_on: "", requested_yen: "", not_public: false };
const LINE: Line = { kind: "pc", name: "", quantity: "1", yen: "" };

/** An application for the subsidy as it came on paper. */
export function ApplicationForm({ onTaken }: { onTaken: (id: string) => void }) {
  const { t } = useLingui();
  const [entry, setEntry] = useState(EMPTY);
  const [lines, setLines] = useState<Line[]>([LINE]);
  const [errors, setErrors] = useErrors();
  const { busy, failure, call } = useCall();
  const put = (part: Partial<typeof EMPTY>) => { setEntry({ ...entry, ...part }); };
  const error = (field: string) => errorOf(errors, `subsidy-${field}`);
  const apply = async () => {
    if (!entry.applied_on) {
      setErrors([{ field: "subsidy-applied_on", text: t`申請の日を入れてください` }]);
      return;
    }
    const items = lines.map((line) => ({ kind: line.kind, name: line.name, quantity: wholeNumber(line.quantity) ?? 0, yen: wholeNumber(line.yen) ?? 0 }));
    const body = { ...entry, code10: entry.code10.trim(), requested_yen: wholeNumber(entry.requested_yen) ?? 0, items };
    const taken = await call(async () => {
      const answer = await client.POST("/api/admin/subsidies", { body });
      setErrors(fieldErrors(answer.error, "subsidy"));
      return answer;
    });
    if (!taken) return;
    setEntry(EMPTY);
    setLines([LINE]);
    onTaken(taken.id);
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void apply();
    }}>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      <TextField id="subsidy-code10" label={t`医療機関コード（10桁）`} inputMode="numeric" width="medium" error={error("code10")} value={entry.code10} onChange={(code10) => { put({ code10 }); }} />
      <TextField id="subsidy-applied_on" type="date" label={t`申請の日`} width="medium" error={error("applied_on")} value={entry.applied_on} onChange={(applied_on) => { put({ applied_on }); }} />
      <h3>{t`補助の対象になる機器`}</h3>
      <p className="hint">{t`オンライン診療だけに使う機器。スマートフォンは対象になりません。`}</p>
      {lines.map((line, at) => (
        <DeviceLine key={at} at={at} line={line} errors={errors} onChange={(next) => { setLines(lines.map((old, place) => (place === at ? next : old))); }} />
      ))}
      <p><button type="button" className="button button-outline" onClick={() => { setLines([...lines, LINE]); }}>{t`機器を足す`}</button></p>
      <TextField id="subsidy-requested_yen" label={t`申請額（円）`} inputMode="numeric" width="medium" error={error("requested_yen")} value={entry.requested_yen} onChange={(requested_yen) => { put({ requested_yen }); }} />
      <CheckField id="subsidy-not_public" label={t`公的機関ではないことを確かめた`} error={error("not_public")} checked={entry.not_public} onChange={(not_public) => { put({ not_public }); }} />
      <button type="submit" className="button button-solid" disabled={busy}>{t`申請を受け付ける`}</button>
    </form>
  );
}

function DeviceLine({ at, line, errors, onChange }: { at: number; line: Line; errors: FieldError[]; onChange: (line: Line) => void }) {
  const { t } = useLingui();
  const kinds: Record<Device, string> = { pc: t`パソコン`, tablet: t`タブレット`, camera: t`カメラ`, microphone: t`マイク`, headset: t`ヘッドセット`, router: t`ルーター`, other: t`その他` };
  const id = (field: string) => `subsidy-items-${String(at)}-${field}`;
  const error = (field: string) => errorOf(errors, id(field));
  return (
    <fieldset className="field">
      <legend>{t`機器 ${String(at + 1)}`}</legend>
      <SelectField id={id("kind")} label={t`種類`} value={line.kind} options={(Object.keys(kinds) as Device[]).map((value) => ({ value, label: kinds[value] }))} onChange={(kind) => { onChange({ ...line, kind }); }} />
      <TextField id={id("name")} label={t`品名`} error={error("name")} value={line.name} onChange={(name) => { onChange({ ...line, name }); }} />
      <TextField id={id("quantity")} label={t`数量`} inputMode="numeric" width="short" error={error("quantity")} value={line.quantity} onChange={(quantity) => { onChange({ ...line, quantity }); }} />
      <TextField id={id("yen")} label={t`費用の合計（円）`} inputMode="numeric" width="medium" error={error("yen")} value={line.yen} onChange={(yen) => { onChange({ ...line, yen }); }} />
    </fieldset>
  );
}
