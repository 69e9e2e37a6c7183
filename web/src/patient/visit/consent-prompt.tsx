import { useLingui } from "@lingui/react/macro";
import { useId, useLayoutEffect, useRef } from "react";
import type { ConsentAsked } from "../../tele/room";
import { useRoleName } from "../../ui/call/people";

/**
 * Whether a third person may come in: nothing else can be done before the answer. A native modal dialog, which keeps
 * the focus inside and is read out when it opens; Escape is no answer.
 */
export function ConsentPrompt({ asked, onAnswer }: { asked: ConsentAsked; onAnswer: (yes: boolean) => void }) {
  const { t } = useLingui();
  const role = useRoleName();
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => { dialog?.close(); };
  }, []);
  const { name } = asked;
  const what = role(asked.role);
  return (
    <dialog className="question" ref={box} role="alertdialog" aria-labelledby={id} aria-describedby={`${id}-why`} onCancel={(event) => { event.preventDefault(); }}>
      <h2 id={id}>{t`${name}さん（${what}）が診察に入ってもよいですか`}</h2>
      <p id={`${id}-why`}>{t`医師が、この方を診察に入れたいと言っています。「いいえ」を選んでも、診察は続けられます。次に入るときも、もう一度お聞きします。`}</p>
      <p className="buttons">
        <button type="button" className="button button-solid button-large" onClick={() => { onAnswer(true); }}>{t`はい、入ってよい`}</button>
        <button type="button" className="button button-outline button-large" onClick={() => { onAnswer(false); }}>{t`いいえ`}</button>
      </p>
    </dialog>
  );
}
