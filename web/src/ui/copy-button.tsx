import { useLingui } from "@lingui/react/macro";
import { useState } from "react";

/** Copies a text and says so; where copying is refused, the text stays selectable beside it. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useLingui();
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(t`コピーしました`);
    } catch {
      setSaid(t`コピーできませんでした。リンクを長押ししてコピーしてください`);
    }
  };
  return (
    <span className="copy">
      <button type="button" className="button button-outline" onClick={() => { void copy(); }}>
        {label}
      </button>
      <span role="status" className="copy-said">
        {said}
      </span>
    </span>
  );
}
