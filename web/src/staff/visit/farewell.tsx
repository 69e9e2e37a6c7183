import { useLingui } from "@lingui/react/macro";
import { Banner } from "../../ui/banner";

/** Why the call does not go on here, and what can be done. */
export function Farewell({ bye }: { bye: string | undefined }) {
  const { t } = useLingui();
  if (bye === "signed_out") {
    return (
      <Banner kind="warning" live title={t`ログインが切れました`}>
        <p>{t`診察が終わったとは限りません。もう一度ログインすると、この診察に戻れます。`}</p>
        <p><a className="button button-solid" href={window.location.pathname}>{t`ログインの画面へ`}</a></p>
      </Banner>
    );
  }
  const words: Record<string, string> = {
    replaced: t`この診察は、ほかの画面で開いています`,
    moved: t`この診察は、ほかの日時に変わりました。今日の一覧から開き直してください`,
  };
  return <Banner kind="warning" title={words[bye ?? ""] ?? t`サーバーとの接続が終わりました。画面を読み込み直してください`} />;
}
