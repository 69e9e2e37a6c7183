import { useLingui } from "@lingui/react/macro";
import { deviceOf, looksEmbedded, type MediaFault } from "../../tele/devices";
import { CopyButton } from "../copy-button";

/** What to do when camera or microphone cannot be had: for this fault, on this device. */
export function MediaHelp({ fault, userAgent, address }: { fault: MediaFault; userAgent: string; address: string }) {
  const { t } = useLingui();
  const device = deviceOf(userAgent);
  const words: Record<MediaFault, string> = {
    denied: t`カメラと マイクを 使う許可が ありません`,
    missing: t`カメラか マイクが 見つかりません`,
    busy: t`カメラか マイクを ほかのアプリが 使っています`,
    unsupported: t`この画面では カメラを 使えません`,
    unknown: t`カメラを 始められませんでした`,
  };
  const embedded = fault === "unsupported" || fault === "unknown" || (fault === "denied" && looksEmbedded(userAgent));
  return (
    <div className="banner banner-error" role="alert">
      <p className="banner-title">{words[fault]}</p>
      <ol>
        {fault === "denied" && device === "ios" ? <li>{t`「設定」アプリを 開き、Safari の カメラと マイクを「許可」に してください。`}</li> : null}
        {fault === "denied" && device === "android" ? <li>{t`画面の上の 住所のらんの 左の印を 押し、カメラと マイクを「許可」に してください。`}</li> : null}
        {fault === "denied" && device === "other" ? <li>{t`住所のらんの カメラの印を 押し、カメラと マイクを「許可」に してください。`}</li> : null}
        {fault === "missing" ? <li>{t`カメラと マイクが つながっているか、確かめてください。`}</li> : null}
        {fault === "busy" ? <li>{t`ほかの ビデオ通話や カメラの アプリを 閉じてください。`}</li> : null}
        <li>{t`この画面を 読み込み直して、もう一度 試してください。`}</li>
      </ol>
      {embedded || fault === "denied" ? (
        <>
          <p>{t`LINE など アプリの中の 画面では カメラが 使えないことが あります。画面の右上（または 右下）の メニューから「ブラウザで開く」を 選んでください。`}</p>
          <p>
            <CopyButton text={address} label={t`この画面の 住所を コピーする`} />
          </p>
        </>
      ) : null}
    </div>
  );
}
