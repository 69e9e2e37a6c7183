import { useLingui } from "@lingui/react/macro";
import { api, type Schemas } from "../../api/client";
import { useRoleName } from "../../ui/call/people";
import { QueryState } from "../../ui/query-state";
import { SummaryList } from "../../ui/summary-list";
import { partOf } from "./quality";

type Quality = Schemas["VisitQuality"];

/** How good the connections of a visit were, as each person's page measured its own. */
export function QualityPanel({ booking, live }: { booking: string; live: boolean }) {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/visits/{id}/quality", { params: { path: { id: booking } } }, { refetchInterval: live ? 30_000 : false });
  const items = query.data?.items;
  return (
    <>
      <QueryState query={query} />
      {items?.length === 0 ? <p>{t`まだ、測られていません。`}</p> : null}
      {items?.map((one) => <PersonQuality key={one.participant} one={one} />)}
    </>
  );
}

function PersonQuality({ one }: { one: Quality }) {
  const { t } = useLingui();
  const role = useRoleName();
  const duration = (seconds: number): string => {
    const [whole, rest] = [Math.floor(seconds / 60), seconds % 60];
    return whole > 0 ? t`${whole} 分 ${rest} 秒` : t`${rest} 秒`;
  };
  const part = (seconds: number): string => {
    const [time, share] = [duration(seconds), partOf(seconds, one.seconds)];
    return share === undefined ? time : t`${time}（${share} %）`;
  };
  const [trip, varies, lost, pictures] = [one.rtt_ms, one.jitter_ms, one.loss_permille, one.fps];
  const share = lost == null ? "" : String(lost / 10);
  return (
    <section>
      <h3>{role(one.role)}</h3>
      <SummaryList rows={[
        { term: t`測った時間`, value: duration(one.seconds) },
        { term: t`映像が届いた時間`, value: part(one.picture_seconds) },
        { term: t`中継を通った時間`, value: part(one.relay_seconds) },
        ...(trip == null ? [] : [{ term: t`往復（最後）`, value: t`${trip} ミリ秒` }]),
        ...(varies == null ? [] : [{ term: t`ゆらぎ（最後）`, value: t`${varies} ミリ秒` }]),
        ...(lost == null ? [] : [{ term: t`損失（最後）`, value: t`${share} %` }]),
        ...(pictures == null ? [] : [{ term: t`こま数（最後）`, value: t`毎秒 ${pictures} 枚` }]),
      ]} />
    </section>
  );
}
