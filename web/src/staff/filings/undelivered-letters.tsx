import { useLingui } from "@lingui/react/macro";
import { api, client, type Schemas } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { Failure } from "../../ui/errors";
import { useMessageWords } from "../messages/words";
import { TableFrame } from "../table-frame";
import { CLINIC_ZONE } from "../today-page";
import { useCall } from "../use-call";
import { day, useDutyNames, useStageNames } from "./words";

type Letter = Schemas["UndeliveredLetter"];

/** The letters of deadlines that did not arrive, of the signed-in person's clinic, to be sent again. */
export function UndeliveredLetters() {
  const query = api.useQuery("get", "/api/filings/letters/undelivered", undefined, { refetchInterval: 60_000 });
  const { busy, failure, call } = useCall();
  const again = async (id: string) => {
    if (await call(() => client.POST("/api/filings/letters/{id}/again", { params: { path: { id } } })) !== undefined) void query.refetch();
  };
  return (
    <>
      {failure ? <Failure error={failure} /> : null}
      <Letters items={query.data?.items ?? []} busy={busy} onAgain={(id) => { void again(id); }} />
    </>
  );
}

/** The same of all who file, for who watches that deadlines are kept. */
export function AllUndeliveredLetters() {
  const query = api.useQuery("get", "/api/admin/filings/letters");
  return <Letters items={query.data?.items ?? []} />;
}

/** Nothing where all arrived. */
function Letters({ items, busy = false, onAgain }: { items: Letter[]; busy?: boolean; onAgain?: (id: string) => void }) {
  const { t } = useLingui();
  const words = useMessageWords();
  const duties = useDutyNames();
  const stages = useStageNames();
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="undelivered-letters-title">
      <h2 id="undelivered-letters-title">{t`届かなかった期限のお知らせ`}</h2>
      <p>{onAgain ? t`期限のお知らせのメールが届いていません。アドレスを確かめて、もう一度送ってください。` : t`期限のお知らせのメールが届いていません。電話などで伝えてください。`}</p>
      <TableFrame label={t`届かなかった期限のお知らせ`}>
        <table className="table stacked">
          <caption className="visually-hidden">{t`届かなかった期限のお知らせ`}</caption>
          <thead>
            <tr>
              <th scope="col">{t`内容`}</th>
              <th scope="col">{t`宛先の人`}</th>
              <th scope="col">{t`状態`}</th>
              <th scope="col">{t`いつ`}</th>
              {onAgain ? <th scope="col">{t`操作`}</th> : null}
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={one.id}>
                <th scope="row" data-label={t`内容`}>
                  {duties[one.duty]}
                  <span className="small block">{t`${day(one.due_on)} の期限（${stages[one.stage]}）`}</span>
                </th>
                <td data-label={t`宛先の人`}>
                  {one.person}
                  {one.name === one.person ? null : <span className="small block">{one.name}</span>}
                </td>
                <td data-label={t`状態`}>
                  {words.state(one)}
                  <span className="small block">{t`${one.attempts} 回試しました`}</span>
                </td>
                <td data-label={t`いつ`}>{one.finished_at ? dayAndTime(one.finished_at, CLINIC_ZONE, language()) : "―"}</td>
                {onAgain ? (
                  <td data-label={t`操作`} className="row-actions">
                    <button type="button" className="button button-outline button-small" disabled={busy} aria-label={t`${one.person} さんへ、もう一度送る`} onClick={() => { onAgain(one.id); }}>{t`もう一度送る`}</button>
                  </td>
                ) : null}
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </section>
  );
}
