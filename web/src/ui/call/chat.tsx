import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Call, ChatLine } from "../../tele/call";

/** Longest text the server takes. */
const MOST = 2000;

/** Writing beside the conversation: not kept, and no substitute for it. */
export function Chat({ call, lines }: { call: Call; lines: ChatLine[] }) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  return (
    <section className="chat" aria-label={t`文字で話す`}>
      <ul className="chat-lines" aria-live="polite">
        {lines.map((line) => (
          <li key={line.id} className={line.mine ? "chat-mine" : "chat-theirs"}>
            <span className="visually-hidden">{line.mine ? t`あなた:` : t`相手:`}</span>
            {line.text}
          </li>
        ))}
      </ul>
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
    </section>
  );
}
