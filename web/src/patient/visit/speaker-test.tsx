import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { playTestTone } from "../../tele/devices";

/** Plays a sound and asks whether it was heard; nothing else can tell. */
export function SpeakerTest({ answer, onAnswer }: { answer: boolean | undefined; onAnswer: (heard: boolean) => void }) {
  const { t } = useLingui();
  const [played, setPlayed] = useState(false);
  const play = async () => {
    try {
      await playTestTone();
    } finally {
      setPlayed(true);
    }
  };
  return (
    <>
      <p className="buttons">
        <button type="button" className="button button-outline" onClick={() => { void play(); }}>
          {t`ためしの音を出す`}
        </button>
      </p>
      {played && answer === undefined ? (
        <div role="group" aria-label={t`音が聞こえましたか`}>
          <p>{t`音が聞こえましたか`}</p>
          <p className="buttons">
            <button type="button" className="button button-outline" onClick={() => { onAnswer(true); }}>
              {t`はい`}
            </button>
            <button type="button" className="button button-outline" onClick={() => { onAnswer(false); }}>
              {t`いいえ`}
            </button>
          </p>
        </div>
      ) : null}
      <p role="status" className={answer ? "check-good" : ""}>
        {answer === true ? t`音は聞こえています` : ""}
        {answer === false ? t`音量を上げ、消音（マナーモード）を切ってください。イヤホンは抜いてためしてください。もう一度「ためしの音を出す」を押せます。` : ""}
      </p>
    </>
  );
}
