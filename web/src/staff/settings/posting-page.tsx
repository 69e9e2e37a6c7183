import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { dateOf, language } from "../../i18n";
import { bothCalendars } from "../../i18n/wareki";
import { Failure } from "../../ui/errors";
import { CheckField, TextField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { Said } from "../../ui/said";
import { CLINIC_ZONE } from "../today-page";
import { useCall } from "../use-call";

type Posting = Schemas["PostingNow"];

/** What the clinic posts to the public: it declares it itself, and what it does not declare is not posted. */
export function PostingPage() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/posting");
  return (
    <>
      <PageTitle title={t`掲示事項`} />
      <p>{t`医療機関がウェブにも掲げる事項を、公開ページに出します。自院のサイトの代わりに使えます。`}</p>
      <QueryState query={query} />
      {query.data ? <PostingForm key={query.data.declared_at ?? ""} posting={query.data} onDeclared={() => { void query.refetch(); }} /> : null}
    </>
  );
}

function PostingForm({ posting, onDeclared }: { posting: Posting; onDeclared: () => void }) {
  const { t } = useLingui();
  const [wish, setWish] = useState({ follows_guideline: posting.follows_guideline, no_psychotropics: posting.no_psychotropics, note_ja: posting.note_ja, note_en: posting.note_en });
  const { busy, failure, call } = useCall();
  const [said, setSaid] = useState(false);
  const put = (part: Partial<typeof wish>) => { setWish({ ...wish, ...part }); };
  const declare = async () => {
    setSaid(false);
    if (await call(() => client.PUT("/api/clinic/posting", { body: wish })) === undefined) return;
    setSaid(true);
    onDeclared();
  };
  return (
    <form className="narrow" noValidate onSubmit={(event) => {
      event.preventDefault();
      void declare();
    }}>
      <p><a href={`${posting.page}?lang=${language()}`}>{t`公開ページを開く`}</a></p>
      <p>{posting.declared_at ? t`最後に確かめた日：${bothCalendars(dateOf(new Date(posting.declared_at), CLINIC_ZONE), language())}` : t`まだ確かめていません。公開ページにもそう出ています。`}</p>
      {failure ? <Failure error={failure} /> : null}
      {said ? <Said><p role="status">{t`掲示しました。`}</p></Said> : null}
      <CheckField id="posting-guideline" label={t`厚生労働省の指針に沿ってオンライン診療を行っている`} checked={wish.follows_guideline} onChange={(follows_guideline) => { put({ follows_guideline }); }} />
      <CheckField id="posting-psychotropics" label={t`オンラインの初診では向精神薬を処方しない`} checked={wish.no_psychotropics} onChange={(no_psychotropics) => { put({ no_psychotropics }); }} />
      <TextField id="posting-note-ja" label={t`ほかに掲げること`} optional rows={4} value={wish.note_ja} onChange={(note_ja) => { put({ note_ja }); }} />
      <TextField id="posting-note-en" label={t`ほかに掲げること（英語）`} optional rows={4} value={wish.note_en} onChange={(note_en) => { put({ note_en }); }} />
      <button type="submit" className="button button-solid" disabled={busy}>{t`この内容で掲示する`}</button>
    </form>
  );
}
