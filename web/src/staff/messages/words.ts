import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";

type Delivery = Schemas["Delivery"];

/** Names for what is told, by which way, and how it went. */
export function useMessageWords(): {
  kind: (kind: Schemas["Message"]["kind"]) => string;
  channel: (channel: Delivery["channel"]) => string;
  state: (delivery: Pick<Delivery, "state"> & { reason?: string | null }) => string;
} {
  const { t } = useLingui();
  const kinds: Record<Schemas["Message"]["kind"], string> = {
    booked: t`予約できました`,
    requested: t`申し込みを受けました`,
    approved: t`承認されました`,
    declined: t`お受けできません`,
    moved: t`日時が変わりました`,
    cancelled: t`取り消されました`,
    offered: t`空いた時間のお知らせ`,
    new_times: t`代わりの時間`,
    reminder: t`近づいたお知らせ`,
    called: t`呼び出し`,
  };
  const channels: Record<Delivery["channel"], string> = { mail: t`メール`, sms: t`SMS`, webhook: t`プログラム（Webhook）` };
  const states: Record<Delivery["state"], string> = {
    waiting: t`送る予定`,
    sent: t`送りました`,
    dropped: t`送る必要がなくなりました`,
    no_address: t`宛先がありません`,
    not_configured: t`この送りかたは設定されていません`,
    dead: t`送れませんでした`,
  };
  const reasons: Record<string, string> = {
    refused: t`相手が受け付けませんでした`,
    later: t`相手が、後でと答えました`,
    address: t`メールアドレスの書き方が正しくありません`,
    unreachable: t`相手につながりませんでした`,
    unresolved: t`相手の住所が見つかりません`,
    timeout: t`相手の返事がありませんでした`,
    tls: t`安全な接続ができませんでした`,
    daily_limit: t`1日に送れる数をこえました`,
    number_limit: t`この番号に送れる数をこえました`,
    no_mobile: t`携帯電話の番号がありません`,
    no_email: t`メールアドレスがありません`,
    forbidden_address: t`送ってはいけない住所です`,
    removed: t`宛先がなくなりました`,
    forgotten: t`患者さんの情報が消されています`,
  };
  return {
    kind: (kind) => kinds[kind],
    channel: (channel) => channels[channel],
    state: (delivery) => (delivery.reason ? t`${states[delivery.state]}（${reasons[delivery.reason] ?? delivery.reason}）` : states[delivery.state]),
  };
}
