import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import type { Call, CallView } from "../../tele/call";
import { useOthers } from "./people";

/** Longest caption the server takes. */
const MOST = 500;

/** What was said last, in writing, under the pictures. Only finished lines are read aloud. */
export function CaptionLines({ view }: { view: CallView }) {
  const { t } = useLingui();
  const { faces } = useOthers(view);
  if (view.captions.length === 0) return null;
  const nameOf = (from: string) => (from === view.room.self ? t`あなた` : (faces.find((one) => one.id === from)?.label ?? ""));
  return (
    <section className="captions" aria-label={t`字幕`}>
      <div aria-live="polite">
        {view.captions.filter((one) => !one.interim).map((one, at) => (
          <p key={`${one.from} ${at}`} lang={one.lang}><bdi className="caption-name">{nameOf(one.from)}</bdi> {one.text}</p>
        ))}
      </div>
      {view.captions.filter((one) => one.interim).map((one) => (
        <p key={one.from} lang={one.lang} className="caption-interim"><bdi className="caption-name">{nameOf(one.from)}</bdi> {one.text}</p>
      ))}
    </section>
  );
}

/** For whoever writes along: everybody reads it as it is written, and it is kept nowhere. */
export function CaptionInput({ call, lang }: { call: Call; lang: string }) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const unfinished = useRef({ said: "", lang });
  // Whoever closes the field in the middle of a line leaves no line that is written for ever.
  useEffect(() => () => {
    const { said, lang: spoken } = unfinished.current;
    if (said) call.caption(said, spoken, true);
  }, [call]);
  const change = (now: string) => {
    setText(now);
    unfinished.current = { said: now.trim(), lang };
  };
  return (
    <form className="chat-form" onSubmit={(event) => {
      event.preventDefault();
      const said = text.trim();
      if (!said) return;
      call.caption(said, lang, true);
      change("");
    }}>
      <label htmlFor="caption-text">{t`字幕を書く（書いている途中も、みなに見えます。保存されません）`}</label>
      <div className="chat-row">
        <input id="caption-text" className="input" value={text} maxLength={MOST} autoComplete="off" onChange={(event) => {
          change(event.target.value);
          if (event.target.value.trim()) call.caption(event.target.value, lang, false);
        }} />
        <button type="submit" className="button button-solid">
          {t`出す`}
        </button>
      </div>
    </form>
  );
}
