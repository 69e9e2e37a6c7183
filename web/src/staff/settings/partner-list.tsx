import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client } from "../../api/client";
import { errorOf, ErrorSummary, Failure, fieldErrors, useErrors } from "../../ui/errors";
import { SelectField, TextField } from "../../ui/fields";
import { useMunicipalities, usePrefectures } from "../../ui/prefectures";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../use-call";

const EMPTY = { name: "", telephone: "", address: "", municipality_code: "" };

/** Institutions that take the clinic's patients in an emergency; the one nearest to a patient is shown to both sides. */
export function PartnerList() {
  const { t } = useLingui();
  const partners = api.useQuery("get", "/api/clinic/partners");
  const [entry, setEntry] = useState(EMPTY);
  const [prefecture, setPrefecture] = useState("13");
  const [errors, setErrors] = useErrors();
  const { busy, failure, call } = useCall();
  const put = (part: Partial<typeof EMPTY>) => { setEntry({ ...entry, ...part }); };
  const add = async () => {
    const done = await call(async () => {
      const answer = await client.POST("/api/clinic/partners", { body: entry });
      setErrors(fieldErrors(answer.error, "partner"));
      return answer;
    });
    if (!done) return;
    setEntry(EMPTY);
    void partners.refetch();
  };
  const remove = async (id: string) => {
    if (await call(() => client.DELETE("/api/clinic/partners/{id}", { params: { path: { id } } })) !== undefined) void partners.refetch();
  };
  const error = (field: string) => errorOf(errors, `partner-${field}`);
  return (
    <section aria-labelledby="partners-title">
      <h2 id="partners-title">{t`緊急のときの連携医療機関`}</h2>
      <p>{t`診察中の「緊急のとき」に、患者さんのいる場所に近いものを出します。`}</p>
      <QueryState query={partners} />
      {partners.data && partners.data.items.length === 0 ? <p>{t`連携医療機関はありません。`}</p> : null}
      <ul className="plain">
        {(partners.data?.items ?? []).map((one) => (
          <li key={one.id}>
            {one.name} {one.telephone} <span className="small">{one.address}</span>{" "}
            <button type="button" className="link" aria-label={t`${one.name} を消す`} onClick={() => { void remove(one.id); }}>{t`消す`}</button>
          </li>
        ))}
      </ul>
      <details>
        <summary>{t`連携医療機関を足す`}</summary>
        <form noValidate onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}>
          <ErrorSummary errors={errors} />
          {failure && errors.length === 0 ? <Failure error={failure} /> : null}
          <TextField id="partner-name" label={t`連携医療機関の名前`} error={error("name")} value={entry.name} onChange={(name) => { put({ name }); }} />
          <TextField id="partner-telephone" type="tel" label={t`連携医療機関の電話番号`} error={error("telephone")} value={entry.telephone} onChange={(telephone) => { put({ telephone }); }} />
          <SelectField id="partner-prefecture" label={t`都道府県`} value={prefecture} options={usePrefectures()} onChange={(value) => {
            setPrefecture(value);
            put({ municipality_code: "" });
          }} />
          <SelectField id="partner-municipality_code" label={t`連携医療機関の市区町村`} error={error("municipality_code")} value={entry.municipality_code} options={useMunicipalities(prefecture)} onChange={(municipality_code) => { put({ municipality_code }); }} />
          <TextField id="partner-address" label={t`連携医療機関の住所`} error={error("address")} value={entry.address} onChange={(address) => { put({ address }); }} />
          <button type="submit" className="button button-outline" disabled={busy}>{t`連携医療機関を足す`}</button>
        </form>
      </details>
    </section>
  );
}
