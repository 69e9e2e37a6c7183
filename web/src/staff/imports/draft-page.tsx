import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { api, client, type Schemas } from "../../api/client";
import { count, dayAndTime, language } from "../../i18n";
import { bothCalendars } from "../../i18n/wareki";
import { Banner } from "../../ui/banner";
import { ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { CheckField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { prefectureName } from "../../ui/prefectures";
import { QueryState } from "../../ui/query-state";
import { SummaryList } from "../../ui/summary-list";
import { CLINIC_ZONE } from "../today-page";
import { useCall } from "../use-call";
import { Counters, type Choice } from "./counters";
import { RowsTable } from "./rows";

type Draft = Schemas["ImportDraft"];
type List = Schemas["ImportDraftList"];

/** What an uploaded list would change, until somebody has it kept or lets it go. */
export function DraftPage() {
  const { t } = useLingui();
  const { id = "" } = useParams();
  const query = api.useQuery("get", "/api/admin/imports/drafts/{id}", { params: { path: { id } } });
  return (
    <>
      <PageTitle title={t`名簿の内容`} />
      <p><Link to="/staff/imports">{t`名簿の取り込みに戻る`}</Link></p>
      <QueryState query={query} />
      {query.data ? <Shown draft={query.data} onKept={() => { void query.refetch(); }} /> : null}
    </>
  );
}

function Shown({ draft, onKept }: { draft: Draft; onKept: () => void }) {
  const { t } = useLingui();
  const kept = draft.committed_at != null;
  const title = kept ? t`取り込みました` : draft.changes ? t`まだ取り込んでいません。内容を確かめてください` : t`同じ名簿が、もう取り込まれています`;
  const odd = draft.lists.some((list) => list.warnings.some((warning) => warning.row != null));
  return (
    <div className="report">
      <Banner kind={kept ? "success" : "info"} live title={title}>
        {kept || !draft.changes ? null : <p>{t`${dayAndTime(draft.expires_at, CLINIC_ZONE, language())}まで、このまま残ります。`}</p>}
      </Banner>
      {kept || !draft.changes ? null : <Decision draft={draft} onKept={onKept} />}
      {odd ? <p><a href={`/api/admin/imports/drafts/${draft.id}/errors.xlsx?lang=${language()}`}>{t`エラーと注意の行を Excel で受け取る`}</a></p> : null}
      {draft.lists.map((list) => <OneList key={list.position} draft={draft} list={list} />)}
    </div>
  );
}

function Decision({ draft, onKept }: { draft: Draft; onKept: () => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [confirmed, setConfirmed] = useState(false);
  const [errors, setErrors] = useErrors();
  const { busy, failure, call } = useCall();
  const params = { path: { id: draft.id } };
  const keep = async () => {
    const missing = draft.needs_confirmation && !confirmed;
    setErrors(missing ? [{ field: "confirm-drop", text: t`減っていることを確かめて、チェックを入れてください` }] : []);
    if (missing) return;
    if (await call(() => client.POST("/api/admin/imports/drafts/{id}/commit", { params, body: { confirm_drop: confirmed } })) !== undefined) onKept();
  };
  const drop = async () => {
    if (await call(() => client.DELETE("/api/admin/imports/drafts/{id}", { params })) !== undefined) void navigate("/staff/imports");
  };
  return (
    <form noValidate className="panel" onSubmit={(event) => {
      event.preventDefault();
      void keep();
    }}>
      <ErrorSummary errors={errors} />
      {failure ? <Failure error={failure} /> : null}
      {draft.needs_confirmation ? (
        <CheckField id="confirm-drop" label={t`前の名簿にあったものが5％を超えて消えていることを確かめました`} error={errors[0]?.text} checked={confirmed} onChange={setConfirmed} />
      ) : null}
      <p className="buttons">
        <button type="submit" className="button button-solid" disabled={busy}>{t`この内容で取り込む`}</button>
        <button type="button" className="button button-outline" disabled={busy} onClick={() => { void drop(); }}>{t`取り込まずに捨てる`}</button>
      </p>
    </form>
  );
}

/** Which rows are open, kept in the address so that it can be passed on. */
function useChoice(list: List): [Choice | undefined, (choice: Choice | undefined) => void] {
  const [search, setSearch] = useSearchParams();
  const here = search.get("list") === String(list.position);
  const thing = search.get("thing") === "notification" ? "notification" : "institution";
  const kinds = ["new", "changed", "lapsed", "unchanged", "error", "warning"] as const;
  const kind = kinds.find((one) => one === search.get("kind"));
  const choose = (choice: Choice | undefined) => {
    setSearch(choice ? { list: String(list.position), thing: choice.thing, kind: choice.kind, ...(choice.page > 1 ? { page: String(choice.page) } : {}) } : {}, { preventScrollReset: true });
  };
  return [here && kind ? { thing, kind, page: Number(search.get("page") ?? "1") || 1 } : undefined, choose];
}

function OneList({ draft, list }: { draft: Draft; list: List }) {
  const { t } = useLingui();
  const [choice, choose] = useChoice(list);
  const { report, summary } = list;
  const care = report.online_care;
  const pairs = summary.redesignations;
  const prefecture = prefectureName(report.prefecture_code);
  return (
    <section>
      <h2>{t`${prefecture} ${bothCalendars(report.as_of, language())}現在`}</h2>
      {LOST.map((code) => <Lost key={code} warnings={list.warnings.filter((warning) => warning.code === code)} />)}
      <Counters summary={summary} choice={choice} onChoose={choose} />
      {choice ? <RowsTable draft={draft.id} list={list} choice={choice} onChoose={choose} /> : null}
      {pairs.length > 0 ? (
        <Banner kind="info" title={t`番号が変わったと思われる医療機関（同じ住所で、片方がなくなり、片方が現れた）`}>
          <ul>{pairs.map((pair) => <li key={pair.new}>{t`${pair.old} から ${pair.new} へ（${pair.address}）`}</li>)}</ul>
        </Banner>
      ) : null}
      <SummaryList rows={[
        { term: t`ファイル`, value: report.file },
        { term: t`都道府県`, value: t`${prefecture}（${report.prefecture_code}）` },
        { term: t`いつ現在`, value: bothCalendars(report.as_of, language()) },
        { term: t`行`, value: count(report.rows) },
        { term: t`医療機関（医科）`, value: count(report.institutions) },
        { term: t`届出のない医療機関`, value: report.all_institutions ? count(report.institutions_without_filing) : t`この名簿には出ません` },
        { term: t`情報通信機器を用いた診療`, value: t`${count(care.facilities)}（病院 ${count(care.hospitals)}、有床診療所 ${count(care.bedded_clinics)}、無床診療所 ${count(care.clinics_without_beds)}）` },
      ]} />
      <Warnings list={list} />
    </section>
  );
}

/** What may be missing from the register with this list: said before its numbers, not among what is odd. */
const LOST: string[] = ["unread_list", "large_drop"];

function Lost({ warnings }: { warnings: List["warnings"] }) {
  const [first] = warnings;
  if (!first) return null;
  return (
    <Banner kind="warning" title={first.text}>
      <ul>{warnings.map(({ detail }) => <li key={detail}>{detail}</li>)}</ul>
    </Banner>
  );
}

/** What was odd, by kind: a list of a prefecture may have hundreds of one. */
function Warnings({ list }: { list: List }) {
  const { t } = useLingui();
  const kinds = [...new Set(list.warnings.filter((warning) => !LOST.includes(warning.code)).map((warning) => warning.text))];
  if (kinds.length === 0) return null;
  return (
    <Banner kind="warning" title={t`気をつけること`}>
      {kinds.map((text) => {
        const own = list.warnings.filter((warning) => warning.text === text);
        return (
          <details key={text}>
            <summary>{t`${text}（${count(own.length)}）`}</summary>
            <ul>{own.map((warning) => <li key={`${warning.row ?? ""}${warning.detail}`}>{warning.row == null ? "" : t`${warning.row} 行目: `}{warning.detail}</li>)}</ul>
          </details>
        );
      })}
    </Banner>
  );
}
