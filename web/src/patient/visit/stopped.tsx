import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { PageTitle } from "../../ui/page";

/** A screen that says why nothing goes on here, and what can be done. */
export function Stopped({ title, text, onAgain, children }: { title: string; text: string; onAgain?: () => void; children?: ReactNode }) {
  const { t } = useLingui();
  return (
    <>
      <PageTitle title={title} />
      <p className="lead">{text}</p>
      {onAgain ? (
        <p>
          <button type="button" className="button button-solid button-large" onClick={onAgain}>
            {t`もう一度入る`}
          </button>
        </p>
      ) : null}
      {children}
    </>
  );
}

/** Why somebody is not in the visit any more, in words; the same for patients and for those who were invited. */
export function useStoppedWords(): Record<"left" | "elsewhere" | "denied" | "removed" | "moved" | "signed_out", { title: string; text: string }> {
  const { t } = useLingui();
  return {
    left: { title: t`通話を終わりました`, text: t`まちがえて終わったときは、もう一度入れます。` },
    elsewhere: { title: t`ほかの画面で開いています`, text: t`この診察は、ほかの画面（または端末）で続いています。` },
    denied: { title: t`今は入れません`, text: t`医療機関に電話でお問い合わせください。` },
    removed: { title: t`この診察には入れません`, text: t`医療機関に電話でお問い合わせください。` },
    moved: { title: t`予約の時間が変わりました`, text: t`新しい時間は、予約のリンクから見られます。` },
    signed_out: { title: t`リンクをもう一度開いてください`, text: t`この画面では、ご本人の予約だと確かめられなくなりました。診察が終わったとは限りません。医療機関から届いたメッセージのリンクを、もう一度開いてください。` },
  };
}
