import { useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import type { CallView } from "../../tele/call";

/** What there is to say about the connection, worst first. */
export type Trouble = "none" | "media" | "starting" | "signal" | "spared" | "weak";

type Shown = Pick<CallView, "media" | "signal" | "seen" | "still" | "spared" | "verdict" | "verdicts">;

/** Whether something is amiss with a call that should be running. */
export function troubleOf(view: Shown): Trouble {
  const begun = Object.values(view.seen).some((seen) => seen.camera);
  if (view.still || view.media === "disconnected" || view.media === "failed") return "media";
  if (view.media === "new" || view.media === "connecting") return begun ? "media" : "starting";
  if (view.signal === "away") return "signal";
  if (view.spared) return "spared";
  return view.verdict === "poor" || view.verdict === "lost" ? "weak" : "none";
}

/** A polite notice while the connection is weak or being mended; a lost socket is told only after a second. */
export function ConnectionNotice({ view }: { view: CallView }) {
  const { t } = useLingui();
  const trouble = troubleOf(view);
  const [shown, setShown] = useState<Trouble>("none");
  useEffect(() => {
    const timer = window.setTimeout(() => { setShown(trouble); }, trouble === "signal" ? 1_000 : 0);
    return () => { window.clearTimeout(timer); };
  }, [trouble]);
  const words: Record<Trouble, string> = {
    media: t`つなぎ直しています（通話は切れていません）`,
    signal: t`サーバーにつなぎ直しています（通話は続いています）`,
    starting: t`相手とつないでいます…`,
    spared: t`回線が弱いため、声だけ送っています。映像は、回線が良くなると戻ります。`,
    weak: t`回線が弱くなっています。声が途切れるときは、もう一度話してください。`,
    none: "",
  };
  return (
    <p className={`connection connection-${shown}`} role="status">
      {words[shown]}
    </p>
  );
}
