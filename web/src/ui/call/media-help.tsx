import { useLingui } from "@lingui/react/macro";
import { deviceOf, looksEmbedded, type MediaFault } from "../../tele/devices";
import { CopyButton } from "../copy-button";

/** The address for a real browser; LINE opens what says so outside of itself. */
export function outside(address: string): string {
  const url = new URL(address);
  url.searchParams.set("openExternalBrowser", "1");
  return url.href;
}

/** What to do when camera or microphone cannot be had: for this fault, on this device. */
export function MediaHelp({ fault, userAgent, address }: { fault: MediaFault; userAgent: string; address: string }) {
  const { t } = useLingui();
  const device = deviceOf(userAgent);
  const words: Record<MediaFault, string> = {
    denied: t`カメラとマイクを使う許可がありません`,
    missing: t`カメラかマイクが見つかりません`,
    busy: t`カメラかマイクをほかのアプリが使っています`,
    unsupported: t`この画面ではカメラを使えません`,
    unknown: t`カメラを始められませんでした`,
  };
  const embedded = fault === "unsupported" || fault === "unknown" || (fault === "denied" && looksEmbedded(userAgent));
  return (
    <div className="banner banner-error" role="alert">
      <p className="banner-title">{words[fault]}</p>
      {/* Where a page has no camera at all, loading it again gives it none. */}
      {fault === "unsupported" ? null : (
        <ol>
          {fault === "denied" && device === "ios" ? <li>{t`「設定」アプリを開き、Safari のカメラとマイクを「許可」にしてください。`}</li> : null}
          {fault === "denied" && device === "android" ? <li>{t`画面の上の住所のらんの左の印を押し、カメラとマイクを「許可」にしてください。`}</li> : null}
          {fault === "denied" && device === "other" ? <li>{t`住所のらんのカメラの印を押し、カメラとマイクを「許可」にしてください。`}</li> : null}
          {fault === "missing" ? <li>{t`カメラとマイクがつながっているか、確かめてください。`}</li> : null}
          {fault === "busy" ? <li>{t`ほかのビデオ通話やカメラのアプリを閉じてください。`}</li> : null}
          <li>{t`この画面を読み込み直して、もう一度試してください。`}</li>
        </ol>
      )}
      {embedded || fault === "denied" ? (
        <>
          <p>{t`LINE などアプリの中の画面ではカメラが使えないことがあります。画面の右上（または右下）のメニューから「ブラウザで開く」を選んでください。`}</p>
          <p>
            <CopyButton text={outside(address)} label={t`この画面の住所をコピーする`} />
          </p>
        </>
      ) : null}
    </div>
  );
}
