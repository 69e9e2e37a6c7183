import { useLingui } from "@lingui/react/macro";
import { useParams } from "react-router";
import { api, client, type Schemas } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { Failure } from "../../ui/errors";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { TableFrame } from "../table-frame";
import { CLINIC_ZONE } from "../today-page";
import { useCall } from "../use-call";
import { useMessageWords } from "./words";

/** States from which sending again can help. */
const AGAIN: Schemas["Delivery"]["state"][] = ["dead", "no_address", "not_configured"];

/** What a patient was told of a booking and will be told, and whether it arrived. */
export function BookingMessagesPage() {
  const { t } = useLingui();
  const { booking = "" } = useParams();
  const words = useMessageWords();
  const query = api.useQuery("get", "/api/clinic/messages", { params: { query: { booking } } }, { refetchInterval: 15_000 });
  const { busy, failure, call } = useCall();
  const items = query.data?.items ?? [];
  const at = (instant: string) => dayAndTime(instant, CLINIC_ZONE, language());
  const again = async (id: string) => {
    if (await call(() => client.POST("/api/clinic/messages/{id}/again", { params: { path: { id } } })) !== undefined) void query.refetch();
  };
  return (
    <>
      <PageTitle title={t`この予約のお知らせ`} />
      {failure ? <Failure error={failure} /> : null}
      <QueryState query={query} />
      {query.data && items.length === 0 ? <p>{t`まだありません。`}</p> : null}
      {items.length > 0 ? (
        <TableFrame label={t`この予約のお知らせ`}>
          <table className="table stacked">
            <caption className="visually-hidden">{t`この予約のお知らせ`}</caption>
            <thead>
              <tr>
                <th scope="col">{t`いつ`}</th>
                <th scope="col">{t`内容`}</th>
                <th scope="col">{t`状態`}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.id}>
                  <th scope="row" data-label={t`いつ`}>{at(one.due_at)}</th>
                  <td data-label={t`内容`}>{words.kind(one.kind)}</td>
                  <td data-label={t`状態`}>
                    {one.deliveries.length === 0 ? t`送る予定` : (
                      <ul className="plain">
                        {one.deliveries.map((delivery) => (
                          <li key={delivery.id}>
                            {t`${words.channel(delivery.channel)}: ${words.state(delivery)}`}{" "}
                            {delivery.finished_at ? <span className="small">{at(delivery.finished_at)}</span> : null}{" "}
                            {AGAIN.includes(delivery.state) ? (
                              <button type="button" className="link" disabled={busy} aria-label={t`${words.kind(one.kind)}（${words.channel(delivery.channel)}）をもう一度送る`} onClick={() => { void again(delivery.id); }}>{t`もう一度送る`}</button>
                            ) : null}
                          </li>
                        ))}
                      </ul>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      ) : null}
    </>
  );
}
