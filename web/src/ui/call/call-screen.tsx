import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import { language } from "../../i18n";
import type { Call, CallView } from "../../tele/call";
import { CaptionInput, CaptionLines } from "./captions";
import { Chat } from "./chat";
import { ConnectionNotice } from "./connection";
import { type Beside, Controls } from "./controls";
import { looksOn } from "./people";
import { SafetyCode } from "./safety";
import { Line } from "./tile";
import { Tiles } from "./tiles";

/** The conversation: the others large, what was written and said below, and the buttons with words; then what belongs to this side, as the button for an emergency. */
export function CallScreen({ call, view, local, endLabel, onEnd, children }: {
  call: Call;
  view: CallView;
  local: MediaStream;
  endLabel: string;
  onEnd: () => void;
  children?: ReactNode;
}) {
  const { t } = useLingui();
  const [beside, setBeside] = useState<Beside>();
  const [asking, setAsking] = useState(false);
  const [read, setRead] = useState(0);
  const own = view.still ? "lost" : view.verdict;
  const onlooker = looksOn(view.room.role);
  const theirs = view.chat.filter((line) => line.from !== undefined).length;
  const open = (next: Beside) => {
    setRead(theirs);
    setBeside(next);
  };
  return (
    <div className="call">
      <div className="call-top">
        <ConnectionNotice view={view} />
        <p className="own-line">{own ? <>{t`あなた`} <Line verdict={own} /></> : null}</p>
      </div>
      <Tiles view={view} local={onlooker ? undefined : local} onMute={view.room.role === "clinician" ? (who) => { call.askToMute(who); } : undefined} />
      {onlooker ? <p className="onlookers">{t`見学しています。あなたの映像・声・文字は、だれにも届きません。`}</p> : null}
      <CaptionLines view={view} />
      {view.muteAsked ? <MuteAsked call={call} /> : null}
      <Controls call={call} view={view} beside={beside} unread={beside === "chat" ? 0 : theirs - read} endLabel={endLabel} onBeside={open} onEnd={() => { setAsking(true); }} />
      {asking ? (
        <div className="banner banner-warning" role="alertdialog" aria-label={t`終わりますか`}>
          <p className="banner-title">{t`診察を終わりますか`}</p>
          <p className="buttons">
            <button type="button" className="button button-danger" onClick={onEnd}>
              {t`はい、終わる`}
            </button>
            <button type="button" className="button button-outline" onClick={() => { setAsking(false); }}>
              {t`続ける`}
            </button>
          </p>
        </div>
      ) : null}
      {beside === "chat" ? <Chat call={call} view={view} /> : null}
      {beside === "captions" ? <CaptionInput call={call} lang={language()} /> : null}
      {children}
      <SafetyCode view={view} />
    </div>
  );
}

/** The physician asks for quiet; only the person can switch the microphone off. */
function MuteAsked({ call }: { call: Call }) {
  const { t } = useLingui();
  return (
    <div className="banner banner-info" role="alert">
      <p className="banner-title">{t`医師から: マイクを切ってください`}</p>
      <p className="buttons">
        <button type="button" className="button button-solid" onClick={() => { call.setAudio(false); }}>
          {t`マイクを切る`}
        </button>
        <button type="button" className="button button-outline" onClick={() => { call.keepTalking(); }}>
          {t`このまま話す`}
        </button>
      </p>
    </div>
  );
}
