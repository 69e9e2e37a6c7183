import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client } from "../../api/client";
import { Banner } from "../../ui/banner";
import { errorOf, ErrorSummary, Failure, fieldErrors, useErrors } from "../../ui/errors";
import { TextField } from "../../ui/fields";
import { QueryState } from "../../ui/query-state";
import { useCall } from "../use-call";

/** Whether, and where, the signed-in person is told of deadlines by mail. */
export function DeadlineLetters() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/filings/letters", undefined, { refetchOnWindowFocus: false });
  return (
    <section aria-labelledby="letters-title">
      <h2 id="letters-title">{t`期限のお知らせ`}</h2>
      <QueryState query={query} />
      {query.data ? <LettersForm email={query.data.email ?? ""} onSaved={() => { void query.refetch(); }} /> : null}
    </section>
  );
}

function LettersForm({ email, onSaved }: { email: string; onSaved: () => void }) {
  const { t } = useLingui();
  const [address, setAddress] = useState(email);
  const [saved, setSaved] = useState(false);
  const [errors, setErrors] = useErrors();
  const { busy, failure, call } = useCall();
  const save = async () => {
    setSaved(false);
    const done = await call(async () => {
      const answer = await client.PUT("/api/filings/letters", { body: { email: address.trim() || null } });
      setErrors(fieldErrors(answer.error, "letters"));
      return answer;
    });
    if (!done) return;
    setSaved(true);
    onSaved();
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      {saved ? <Banner kind="success" live title={t`保存しました`} /> : null}
      <TextField
        id="letters-email"
        type="email"
        autoComplete="email"
        optional
        label={t`あなたのメールアドレス`}
        hint={t`期限の30日前、7日前と、過ぎた日に、それぞれ一度お知らせします。提出すると止まります。空にすると、お知らせしません。`}
        error={errorOf(errors, "letters-email")}
        value={address}
        onChange={(value) => {
          setSaved(false);
          setAddress(value);
        }}
      />
      <button type="submit" className="button button-outline" disabled={busy || address.trim() === email}>{t`お知らせ先を保存する`}</button>
    </form>
  );
}
