import { useLingui } from "@lingui/react/macro";
import { useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, client, type Schemas } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { bothCalendars } from "../../i18n/wareki";
import { Banner } from "../../ui/banner";
import { ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { Busy, PageTitle } from "../../ui/page";
import { prefectureName } from "../../ui/prefectures";
import { QueryState } from "../../ui/query-state";
import { Dialog } from "../dialog";
import { TableFrame } from "../table-frame";
import { CLINIC_ZONE } from "../today-page";
import { useCall } from "../use-call";

/** A list that was kept or thrown away a moment ago is not to stand there as before. */
const FRESH = { staleTime: 0 };

/** Upload of a bureau's lists, those that wait for a word, and those that were imported. */
export function ImportsPage() {
  const { t } = useLingui();
  const past = api.useQuery("get", "/api/admin/imports", {}, FRESH);
  const open = api.useQuery("get", "/api/admin/imports/drafts", {}, FRESH);
  return (
    <>
      <PageTitle title={t`名簿の取り込み`} />
      <p>{t`地方厚生局が公表する「施設基準の届出受理状況」（Excel または zip）を取り込みます。はじめに内容を調べ、確かめてから取り込みます。`}</p>
      <Upload />
      {open.data && open.data.items.length > 0 ? <Waiting items={open.data.items} /> : null}
      <h2>{t`これまでの取り込み`}</h2>
      <QueryState query={past} />
      {past.data?.items.length === 0 ? <p>{t`まだありません。`}</p> : null}
      {past.data && past.data.items.length > 0 ? <Past items={past.data.items} onUndone={() => { void past.refetch(); }} /> : null}
    </>
  );
}

function Upload() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [errors, setErrors] = useErrors();
  const { busy, failure, forget, call } = useCall();
  const look = async () => {
    const files = [...(input.current?.files ?? [])];
    setErrors(files.length > 0 ? [] : [{ field: "file", text: t`ファイルを選んでください` }]);
    forget();
    if (files.length === 0) return;
    const form = new FormData();
    for (const file of files) form.append("file", file);
    const draft = await call(() => client.POST("/api/admin/imports/drafts", { body: { file: "" }, bodySerializer: () => form }));
    if (draft) void navigate(`/staff/imports/${draft.id}`);
  };
  return (
    <section className="panel">
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void look();
      }}>
        <ErrorSummary errors={errors} />
        {failure ? <Failure error={failure} /> : null}
        <div className="field">
          <label htmlFor="file">{t`名簿のファイル（.xlsx、.zip）`}</label>
          <input ref={input} className="file" type="file" id="file" name="file" multiple accept=".xlsx,.zip" />
        </div>
        <button type="submit" className="button button-solid" disabled={busy}>{t`内容を調べる`}</button>
      </form>
      {busy ? <Busy /> : null}
    </section>
  );
}

function Waiting({ items }: { items: Schemas["DraftBrief"][] }) {
  const { t } = useLingui();
  const at = (instant: string) => dayAndTime(instant, CLINIC_ZONE, language());
  return (
    <>
      <h2>{t`調べたまま、まだ取り込んでいない名簿`}</h2>
      <ul>
        {items.map((one) => (
          <li key={one.id}>
            <Link to={`/staff/imports/${one.id}`}>{one.file}</Link>
            {t`（${at(one.created_at)}に調べました。${at(one.expires_at)}まで残ります）`}
          </li>
        ))}
      </ul>
    </>
  );
}

function Past({ items, onUndone }: { items: Schemas["Import"][]; onUndone: () => void }) {
  const { t } = useLingui();
  const [asked, setAsked] = useState<Schemas["Import"]>();
  const [undone, setUndone] = useState<string>();
  const { busy, failure, forget, call } = useCall();
  const named = (one: Schemas["Import"]) => t`${prefectureName(one.prefecture_code)} ${bothCalendars(one.as_of, language())}現在`;
  const undo = async (one: Schemas["Import"]) => {
    if (await call(() => client.POST("/api/admin/imports/{id}/undo", { params: { path: { id: one.id } } })) === undefined) return;
    setUndone(named(one));
    setAsked(undefined);
    onUndone();
  };
  return (
    <>
      {undone ? <Banner kind="success" live title={t`取り消しました。登録は、取り込む前のとおりです（${undone}）`} /> : null}
      <TableFrame label={t`これまでの取り込み`}>
        <table className="table stacked">
          <caption className="visually-hidden">{t`これまでの取り込み`}</caption>
          <thead>
            <tr>
              <th scope="col">{t`取り込んだ日時`}</th>
              <th scope="col">{t`都道府県`}</th>
              <th scope="col">{t`いつ現在`}</th>
              <th scope="col">{t`ファイル`}</th>
              <th scope="col">{t`状態`}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.id}>
                <th scope="row" data-label={t`取り込んだ日時`}>{dayAndTime(item.imported_at, CLINIC_ZONE, language())}</th>
                <td data-label={t`都道府県`}>{prefectureName(item.prefecture_code)}</td>
                <td data-label={t`いつ現在`}>{bothCalendars(item.as_of, language())}</td>
                <td data-label={t`ファイル`}>{item.draft_id ? <Link to={`/staff/imports/${item.draft_id}`}>{item.file}</Link> : item.file}</td>
                <td data-label={t`状態`}>
                  {item.undone_at ? t`${dayAndTime(item.undone_at, CLINIC_ZONE, language())}に取り消し` : item.can_undo ? (
                    <>{t`取り込み済み`} <button type="button" className="link" aria-label={t`${named(item)} の取り込みを取り消す`} onClick={() => {
                      forget();
                      setAsked(item);
                    }}>{t`取り込みを取り消す`}</button></>
                  ) : t`取り込み済み`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {asked ? (
        <Dialog title={t`この取り込みを取り消しますか`} onClose={() => { setAsked(undefined); }}>
          <p>{named(asked)}</p>
          <p>{t`登録を、この名簿を取り込む前に戻します。取り込んでいた間の記録は残ります。`}</p>
          {failure ? <Failure error={failure} /> : null}
          <p className="buttons">
            <button type="button" className="button button-solid" disabled={busy} onClick={() => { void undo(asked); }}>{t`取り消して元に戻す`}</button>
            <button type="button" className="button button-outline" onClick={() => { setAsked(undefined); }}>{t`やめる`}</button>
          </p>
        </Dialog>
      ) : null}
    </>
  );
}
