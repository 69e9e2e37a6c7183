import { useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { language } from "../../i18n";
import type { CallView } from "../../tele/call";
import { wordsOf } from "../../tele/safety";

/** Four words that both sides see alike when nobody stands between them; with several people the server does, and that is said. */
export function SafetyCode({ view }: { view: CallView }) {
  const { t } = useLingui();
  const { safety } = view;
  const [words, setWords] = useState<{ ja: string[]; en: string[] }>();
  useEffect(() => {
    let wanted = true;
    if (safety) wordsOf(safety).then((found) => { if (wanted) setWords(found); }, () => { if (wanted) setWords(undefined); });
    return () => { wanted = false; };
  }, [safety]);
  if (view.room.topology.mode === "room") return <p className="safety">{t`映像と声は、医療機関のサーバーを通しています。保存されません。`}</p>;
  if (!safety || !words) return null;
  const other = language() === "ja" ? undefined : words.ja;
  return (
    <p className="safety">
      {t`確認のことば:`} <strong data-safety={safety.join(" ")}>{(language() === "ja" ? words.ja : words.en).join(" ")}</strong>{" "}
      {other ? <span lang="ja">{other.join(" ")}</span> : null}
      <span className="safety-why">{t`相手の画面と同じなら、ふたりだけでつながっています。声に出して確かめられます。`}</span>
    </p>
  );
}
