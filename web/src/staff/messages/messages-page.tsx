import { useLingui } from "@lingui/react/macro";
import { Link } from "react-router";
import { api, client } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { Failure } from "../../ui/errors";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { UndeliveredLetters } from "../filings/undelivered-letters";
import { TableFrame } from "../table-frame";
import { CLINIC_ZONE } from "../today-page";
import { useCall } from "../use-call";
import { WebhookList } from "./webhook-list";
import { useMessageWords } from "./words";

/** What could not be delivered, to be sent again; and where the clinic's own programs hear of bookings. */
export function MessagesPage() {
  const { t } = useLingui();
  const words = useMessageWords();
  const query = api.useQuery("get", "/api/clinic/messages/undelivered", undefined, { refetchInterval: 30_000 });
  const { busy, failure, call } = useCall();
  const items = query.data?.items ?? [];
  const again = async (id: string) => {
    if (await call(() => client.POST("/api/clinic/messages/{id}/again", { params: { path: { id } } })) !== undefined) void query.refetch();
  };
  return (
    <>
      <PageTitle title={t`お知らせの状態`} />
      <p>{t`患者さんに届けられなかったお知らせです。電話で伝えるか、もう一度送ってください。`}</p>
      {failure ? <Failure error={failure} /> : null}
      <QueryState query={query} />
      {query.data && items.length === 0 ? <p>{t`届けられなかったお知らせはありません。`}</p> : null}
      {items.length > 0 ? (
        <TableFrame label={t`届けられなかったお知らせ`}>
          <table className="table stacked">
            <caption className="visually-hidden">{t`届けられなかったお知らせ`}</caption>
            <thead>
              <tr>
                <th scope="col">{t`内容`}</th>
                <th scope="col">{t`送りかた`}</th>
                <th scope="col">{t`状態`}</th>
                <th scope="col">{t`いつ`}</th>
                <th scope="col">{t`操作`}</th>
              </tr>
            </thead>
            <tbody>
              {items.map(({ booking_id, kind, delivery }) => (
                <tr key={delivery.id}>
                  <th scope="row" data-label={t`内容`}>{words.kind(kind)}</th>
                  <td data-label={t`送りかた`}>{words.channel(delivery.channel)}</td>
                  <td data-label={t`状態`}>
                    {words.state(delivery)}
                    <span className="small block">{t`${delivery.attempts} 回試しました`}</span>
                  </td>
                  <td data-label={t`いつ`}>{delivery.finished_at ? dayAndTime(delivery.finished_at, CLINIC_ZONE, language()) : "―"}</td>
                  <td data-label={t`操作`} className="row-actions">
                    <button type="button" className="button button-outline button-small" disabled={busy} onClick={() => { void again(delivery.id); }}>{t`もう一度送る`}</button>
                    <Link to={`/staff/messages/${booking_id}`}>{t`この予約のお知らせ`}</Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      ) : null}
      <UndeliveredLetters />
      <WebhookList />
    </>
  );
}
