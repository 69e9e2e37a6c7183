import { useLingui } from "@lingui/react/macro";
import { Link, useSearchParams } from "react-router";
import { api, type Schemas } from "../../api/client";
import { dateOf, dayAndTime, language } from "../../i18n";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { TableFrame } from "../table-frame";
import { CLINIC_ZONE } from "../today-page";
import { type Change, ChangePanel, useChange } from "./change";

/** The changes of hours of late, with what became of the visits they stranded, and the visits that do not fit any rule. */
export function ChangesPage() {
  const { t } = useLingui();
  const [search, setSearch] = useSearchParams();
  const id = search.get("id");
  const list = api.useQuery("get", "/api/clinic/hours-changes");
  const stranded = api.useQuery("get", "/api/clinic/stranded");
  return (
    <>
      <PageTitle title={t`変更の記録`} />
      {id ? <OneChange key={id} id={id} onChanged={() => {
        void list.refetch();
        void stranded.refetch();
      }} /> : null}
      <h2>{t`時間を失っている予約`}</h2>
      <p>{t`これからの予約のうち、今の診療時間や届出では受けられないものです。理由は問いません。`}</p>
      <QueryState query={stranded} />
      {stranded.data?.items.length === 0 ? <p>{t`ありません。`}</p> : null}
      {stranded.data && stranded.data.items.length > 0 ? <Misplaced items={stranded.data.items} /> : null}
      <h2>{t`最近の変更`}</h2>
      <QueryState query={list} />
      {list.data?.items.length === 0 ? <p>{t`まだありません。`}</p> : null}
      {list.data && list.data.items.length > 0 ? <Changes items={list.data.items} onOpen={(next) => { setSearch({ id: next }); }} /> : null}
    </>
  );
}

function OneChange({ id, onChanged }: { id: string; onChanged: () => void }) {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/hours-changes/{id}", { params: { path: { id } } }, { refetchInterval: 10_000 });
  const flow = useChange(() => {
    void query.refetch();
    onChanged();
  });
  return (
    <>
      <QueryState query={query} />
      {query.data ? <ChangePanel flow={{ ...flow, change: flow.change ?? query.data }} done={t`この変更は行われています`} /> : null}
    </>
  );
}

function Misplaced({ items }: { items: Schemas["MisplacedVisit"][] }) {
  const { t } = useLingui();
  return (
    <TableFrame label={t`時間を失っている予約`}>
      <table className="table stacked">
        <caption className="visually-hidden">{t`時間を失っている予約`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`予約`}</th>
            <th scope="col">{t`医師`}</th>
            <th scope="col">{t`理由`}</th>
            <th scope="col">{t`操作`}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.booking_id}>
              <th scope="row" data-label={t`予約`}>
                {dayAndTime(one.start, CLINIC_ZONE, language())}
                {one.number ? <span className="small block">{t`予約番号 ${one.number}`}</span> : null}
              </th>
              <td data-label={t`医師`}>{one.clinician_name}</td>
              <td data-label={t`理由`}>{language() === "ja" ? one.ja : one.en}</td>
              <td data-label={t`操作`}>
                <Link to={`/staff?date=${dateOf(new Date(one.start), CLINIC_ZONE)}`} aria-label={t`${dayAndTime(one.start, CLINIC_ZONE, language())} を一覧で見る`}>{t`一覧で見る`}</Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Changes({ items, onOpen }: { items: Change[]; onOpen: (id: string) => void }) {
  const { t } = useLingui();
  const at = (instant: string) => dayAndTime(instant, CLINIC_ZONE, language());
  const kinds: Record<Schemas["HoursEdit"]["kind"], string> = {
    weekly_hours: t`毎週の時間`,
    add_exception: t`日を決めた`,
    remove_exception: t`決めた日をやめた`,
    add_closure: t`休診を決めた`,
    remove_closure: t`休診をやめた`,
    holiday: t`祝日の選択`,
    on_holidays: t`祝日の決まり`,
  };
  const what = (one: Change) => [...new Set(one.edits.map((edit) => kinds[edit.kind]))].join(t`、`);
  const states: Record<string, string> = { draft: t`下書き`, applied: t`変更済み`, undone: t`元に戻した` };
  return (
    <TableFrame label={t`最近の変更`}>
      <table className="table stacked">
        <caption className="visually-hidden">{t`最近の変更`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`いつ`}</th>
            <th scope="col">{t`内容`}</th>
            <th scope="col">{t`状態`}</th>
            <th scope="col">{t`時間を失う予約`}</th>
            <th scope="col">{t`操作`}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.id}>
              <th scope="row" data-label={t`いつ`}>{at(one.created_at)}</th>
              <td data-label={t`内容`}>{what(one)}</td>
              <td data-label={t`状態`}>{states[one.state] ?? one.state}</td>
              <td data-label={t`時間を失う予約`}>{one.counts.stranded === 0 ? t`なし` : t`${one.counts.stranded} 件（変わった ${one.counts.moved}、取り消し ${one.counts.cancelled}、そのまま ${one.counts.kept}、返事待ち ${one.counts.waiting}）`}</td>
              <td data-label={t`操作`}>
                <button type="button" className="link" aria-label={t`${at(one.created_at)} の変更を見る`} onClick={() => { onOpen(one.id); }}>{t`見る`}</button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
