import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import type { Role } from "../../tele/messages";
import { useRoleName } from "../../ui/call/people";
import { CopyButton } from "../../ui/copy-button";
import { errorOf, ErrorSummary, Failure, type FieldError, useErrors } from "../../ui/errors";
import { CheckField, SelectField, TextField } from "../../ui/fields";
import { Said } from "../../ui/said";

type Person = Schemas["VisitPerson"];

/** Those who come in only by the patient's consent. */
const THIRD: readonly Role[] = ["interpreter", "nurse", "family_proxy", "specialist", "observer"];

/** Those who take part beside patient and doctor: invited here, let in by the patient's consent each time. */
export function PeoplePanel({ booking, isDoctor }: { booking: string; isDoctor: boolean }) {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/visits/{id}/people", { params: { path: { id: booking } } }, { refetchInterval: 5_000 });
  const people = query.data?.items ?? [];
  const renew = () => { void query.refetch(); };
  return (
    <section className="panel" aria-labelledby="people-title">
      <h2 id="people-title">{t`ほかに診察に入る人`}</h2>
      <p className="small">{t`通訳、看護師、家族などを招待できます。入るたびに、患者さんの同意が要ります。`}</p>
      {query.error ? <Failure error={query.error} retry={renew} /> : null}
      {people.length > 0 ? (
        <ul className="cards">
          {people.map((one) => (
            <li className="card" key={one.participant}>
              <PersonCard booking={booking} one={one} isDoctor={isDoctor} onChanged={renew} />
            </li>
          ))}
        </ul>
      ) : null}
      <InviteForm booking={booking} onInvited={renew} />
    </section>
  );
}

function useStateText(): (state: Person["state"]) => string {
  const { t } = useLingui();
  const words: Record<Person["state"], string> = {
    invited: t`リンクを渡しました（まだ開かれていません）`,
    expired: t`リンクの期限が切れました`,
    away: t`リンクを開きました（今はいません）`,
    waiting: t`待っています`,
    denied: t`断りました`,
    inside: t`診察に入っています`,
    removed: t`退出させました`,
  };
  return (state) => words[state];
}

function PersonCard({ booking, one, isDoctor, onChanged }: { booking: string; one: Person; isDoctor: boolean; onChanged: () => void }) {
  const { t } = useLingui();
  const role = useRoleName();
  const state = useStateText();
  const [failure, setFailure] = useState<unknown>(null);
  const path = { id: booking, participant: one.participant };
  const done = async (deed: Promise<{ error?: unknown }>) => {
    setFailure(null);
    try {
      const { error } = await deed;
      if (error) setFailure(error);
    } catch (error) {
      setFailure(error);
    }
    onChanged();
  };
  const name = one.name ?? "";
  return (
    <>
      <p>
        <strong><bdi>{name}</bdi></strong>{t`（${role(one.role)}）`}
        <br />
        <span className="small">{state(one.state)}</span>
      </p>
      {one.responsibility ? <p className="small">{t`責任の分担:`} <bdi className="multi-line">{one.responsibility}</bdi></p> : null}
      {one.consent ? <p className="small">{one.consent.answer === "yes" ? t`患者さんの同意: あり` : t`患者さんの同意: なし`}</p> : null}
      {failure ? <Failure error={failure} /> : null}
      <p className="buttons">
        {isDoctor && one.state === "waiting" ? (
          <button type="button" className="button button-outline button-small" aria-label={t`${name} さんについて、患者さんが口頭で同意した`} onClick={() => {
            void done(client.PUT("/api/clinic/visits/{id}/people/{participant}/consent", { params: { path }, body: { answer: "yes" } }));
          }}>{t`口頭で同意を得た`}</button>
        ) : null}
        {one.state === "removed" ? null : (
          <button type="button" className="button button-outline button-small" aria-label={one.state === "inside" ? t`${name} さんを退出させる` : t`${name} さんの招待を取り消す`} onClick={() => {
            void done(client.DELETE("/api/clinic/visits/{id}/people/{participant}", { params: { path } }));
          }}>{one.state === "inside" ? t`退出させる` : t`招待を取り消す`}</button>
        )}
      </p>
    </>
  );
}

type Language = Schemas["Speech"];

function InviteForm({ booking, onInvited }: { booking: string; onInvited: () => void }) {
  const { t } = useLingui();
  const words = useRoleName();
  const [role, setRole] = useState<Role>("interpreter");
  const [name, setName] = useState("");
  const [speech, setSpeech] = useState<Language>("ja");
  const [responsibility, setResponsibility] = useState("");
  const [briefed, setBriefed] = useState(false);
  const specialist = role === "specialist";
  const [errors, setErrors] = useErrors();
  const [failure, setFailure] = useState<unknown>(null);
  const [invited, setInvited] = useState<{ name: string; link: string }>();
  const invite = async () => {
    setFailure(null);
    const missing: FieldError[] = [
      ...(name.trim() ? [] : [{ field: "guest-name", text: t`お名前を入力してください` }]),
      ...(!specialist || responsibility.trim() ? [] : [{ field: "guest-responsibility", text: t`責任の分担を入力してください` }]),
      ...(!specialist || briefed ? [] : [{ field: "guest-briefed", text: t`患者さんの状態を事前に伝えたことを確かめてください` }]),
    ];
    setErrors(missing);
    if (missing.length > 0) return;
    try {
      const { data, error } = await client.POST("/api/clinic/visits/{id}/people", { params: { path: { id: booking } }, body: { role, name: name.trim(), language: speech, ...(specialist ? { responsibility: responsibility.trim(), briefed } : {}) } });
      if (data) {
        setInvited({ name: name.trim(), link: data.link });
        setName("");
        setResponsibility("");
        setBriefed(false);
        onInvited();
      } else setFailure(error);
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <details>
      <summary>{t`招待する`}</summary>
      {invited ? (
        <Said>
          <p>{t`${invited.name} さんのリンクです。一度だけ開けます。この画面を閉じると、もう見られません。`}</p>
          <p><code className="invitation">{invited.link}</code></p>
          <p><CopyButton text={invited.link} label={t`リンクをコピーする`} /></p>
        </Said>
      ) : null}
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void invite();
      }}>
        <ErrorSummary errors={errors} />
        {failure ? <Failure error={failure} /> : null}
        <SelectField id="guest-role" label={t`役割`} value={role} onChange={setRole} options={THIRD.map((value) => ({ value, label: words(value) }))} />
        <TextField id="guest-name" label={t`お名前（患者さんに見えます）`} error={errorOf(errors, "guest-name")} value={name} onChange={setName} autoComplete="off" />
        <SelectField id="guest-language" label={t`画面の言葉`} value={speech} onChange={setSpeech} options={[{ value: "ja", label: "日本語" }, { value: "en", label: "English" }]} />
        {specialist ? (
          <>
            <TextField id="guest-responsibility" rows={3} label={t`責任の分担`} hint={t`原則は、そばにいる主治医が負います。だれが何に責任を負うか、前もって合意したことを書いてください。`} error={errorOf(errors, "guest-responsibility")} value={responsibility} onChange={setResponsibility} autoComplete="off" />
            <CheckField id="guest-briefed" label={t`患者さんの状態を、この医師に事前に伝えました`} error={errorOf(errors, "guest-briefed")} checked={briefed} onChange={setBriefed} />
          </>
        ) : null}
        <button type="submit" className="button button-solid">{t`リンクを作る`}</button>
      </form>
    </details>
  );
}
