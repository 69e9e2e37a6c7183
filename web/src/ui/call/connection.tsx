import { useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import type { CallView } from "../../tele/call";

/** What there is to say about the connection, worst first. */
export type Trouble = "none" | "media" | "signal" | "starting";

/** Whether something is amiss with a call that should be running. */
export function troubleOf(view: Pick<CallView, "media" | "signal" | "remote">): Trouble {
  if (view.media === "disconnected" || view.media === "failed") return "media";
  if (view.media === "new" || view.media === "connecting") return view.remote ? "media" : "starting";
  return view.signal === "away" ? "signal" : "none";
}

/** A polite notice while the connection is being mended; a lost socket is told only after a second. */
export function ConnectionNotice({ view }: { view: CallView }) {
  const { t } = useLingui();
  const trouble = troubleOf(view);
  const [shown, setShown] = useState<Trouble>("none");
  useEffect(() => {
    const timer = window.setTimeout(() => { setShown(trouble); }, trouble === "signal" ? 1_000 : 0);
    return () => { window.clearTimeout(timer); };
  }, [trouble]);
  const words = () => {
    switch (shown) {
      case "media":
        return t`つなぎ直しています（通話は切れていません）`;
      case "signal":
        return t`サーバーにつなぎ直しています（通話は続いています）`;
      case "starting":
        return t`相手とつないでいます…`;
      case "none":
        return "";
    }
  };
  return (
    <p className={`connection connection-${shown}`} role="status">
      {words()}
    </p>
  );
}
