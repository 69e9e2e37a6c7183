import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { client, type Schemas } from "../../api/client";
import { errorOf, ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { SelectField } from "../../ui/fields";
import { useMunicipalities, usePrefectures } from "../../ui/prefectures";
import { useCall } from "../use-call";

/** Where the patient of one visit was, which nobody had said. */
export function PlaceForm({ year, booking, onDone }: { year: number; booking: string; onDone: (next: Schemas["August"]) => void }) {
  const { t } = useLingui();
  const prefectures = usePrefectures();
  const [prefecture, setPrefecture] = useState("");
  const [municipality, setMunicipality] = useState("");
  const municipalities = useMunicipalities(prefecture);
  const [errors, setErrors] = useErrors();
  const { busy, failure, call } = useCall();
  const at = `prefecture-${booking}`;
  const save = async () => {
    setErrors(prefecture ? [] : [{ field: at, text: t`都道府県を選んでください` }]);
    if (!prefecture) return;
    const body = { prefecture, municipality: municipality || null };
    const next = await call(() => client.PUT("/api/clinic/august/{year}/visits/{id}/place", { params: { path: { year, id: booking } }, body }));
    if (next) onDone(next);
  };
  return (
    <form className="narrow-form" noValidate aria-label={t`診察 ${booking} の所在`} onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <p><a href={`/staff/intake/${booking}`}>{t`この診察を見る`}</a></p>
      <ErrorSummary errors={errors} />
      {failure ? <Failure error={failure} /> : null}
      <div className="form-grid">
        <SelectField id={at} label={t`都道府県`} error={errorOf(errors, at)} value={prefecture} options={prefectures} onChange={(value) => {
          setPrefecture(value);
          setMunicipality("");
        }} />
        <SelectField id={`municipality-${booking}`} label={t`区市町村（分かるとき）`} value={municipality} options={municipalities} onChange={setMunicipality} />
      </div>
      <button type="submit" className="button button-outline" disabled={busy}>{t`所在を保存する`}</button>
    </form>
  );
}
