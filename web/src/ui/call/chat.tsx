import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Call, CallView } from "../../tele/call";
import { looksOn, useOthers } from "./people";

/** Longest text the server takes. */
const MOST = 2000;

/** Writing beside the conversation: not kept, and no substitute for it (the guideline on online care, E-02 of our rules). Whoever only looks on reads it. */
export function Chat({ call, view }: { call: Call; view: CallView }) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const { faces } = useOthers(view);
  const nameOf = (from: string) => faces.find((one) => one.id === from)?.label ?? t`相手`;
  return (
    <section className="chat" aria-label={t`文字で話す`}>
      <p>{t`文字は、診察の話を補うためのものです。文字だけでは診察になりません。`}</p>
      <ul className="chat-lines" aria-live="polite">
        {view.chat.map((line) => (
          <li key={line.id} className={line.from === undefined ? "chat-mine" : "chat-theirs"}>
            {line.from === undefined ? <span className="visually-hidden">{t`あなた:`}</span> : <span className={faces.length > 1 ? "chat-name" : "visually-hidden"}>{nameOf(line.from)}:</span>}{faces.length > 1 && line.from !== undefined ? " " : null}
            <span className="multi-line">{line.text}</span>
          </li>
        ))}
      </ul>
      {looksOn(view.room.role) ? null : (
        <form className="chat-form" onSubmit={(event) => {
          event.preventDefault();
          const said = text.trim();
          if (!said) return;
          call.say(said);
          setText("");
        }}>
          <label htmlFor="chat-text">{t`文字で伝える（保存されません）`}</label>
          <div className="chat-row">
            <input id="chat-text" className="input" value={text} maxLength={MOST} autoComplete="off" onChange={(event) => { setText(event.target.value); }} />
            <button type="submit" className="button button-solid">
              {t`送る`}
            </button>
          </div>
        </form>
      )}
    </section>
  );
}
