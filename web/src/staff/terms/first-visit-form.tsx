import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { client, type Schemas } from "../../api/client";
import { Banner } from "../../ui/banner";
import { Failure } from "../../ui/errors";
import { RadioGroup } from "../../ui/fields";
import { useCall } from "../use-call";

/** What becomes of the wish for a first visit that rests on nothing yet (guideline V1(2)). */
export function FirstVisitForm({ service, kept }: { service: string; kept: Schemas["WithoutBasis"] }) {
  const { t } = useLingui();
  const [without, setWithout] = useState(kept);
  const [saved, setSaved] = useState(false);
  const { busy, failure, call } = useCall();
  const save = async () => {
    setSaved(false);
    const done = await call(() => client.PUT("/api/clinic/services/{id}/first-visit", { params: { path: { id: service } }, body: { without_basis: without } }));
    if (done) setSaved(true);
  };
  return (
    <form className="narrow-form" noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <h2>{t`初診の決まり`}</h2>
      <p>{t`初診をオンラインで行えるのは、かかりつけの医師である、医学的情報が十分にある、診療前相談で合意した、のどれかのときです。`}</p>
      {failure ? <Failure error={failure} /> : null}
      {saved ? <Banner kind="success" live title={t`初診の決まりを保存しました`} /> : null}
      <RadioGroup id="without_basis" legend={t`どれにもあてはまらない方が予約するとき`} value={without} onChange={(next) => {
        setSaved(false);
        setWithout(next);
      }} options={[
        { value: "request", label: t`申し込みとして受ける`, hint: t`時間をおさえて、医療機関が確かめてから決めます` },
        { value: "refuse", label: t`予約を受けない`, hint: t`診療前相談や来院を案内します` },
      ]} />
      <button type="submit" className="button button-solid" disabled={busy}>{t`初診の決まりを保存する`}</button>
    </form>
  );
}
