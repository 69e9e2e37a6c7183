import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import type { Call, CallView } from "../../tele/call";
import { Chat } from "./chat";
import { ConnectionNotice } from "./connection";
import { Video } from "./video";

/** The conversation: the other one large, four buttons with words. */
export function CallScreen({ call, view, local, endLabel, onEnd, children }: {
  call: Call;
  view: CallView;
  local: MediaStream;
  endLabel: string;
  onEnd: () => void;
  children?: ReactNode;
}) {
  const { t } = useLingui();
  const [chat, setChat] = useState(false);
  const [asking, setAsking] = useState(false);
  const [read, setRead] = useState(0);
  const other = view.room.participants.find((one) => one.participant !== view.room.self);
  const unread = chat ? 0 : view.chat.filter((line) => !line.mine).length - read;
  const toggleChat = () => {
    setRead(view.chat.filter((line) => !line.mine).length);
    setChat(!chat);
  };
  return (
    <div className="call">
      <ConnectionNotice view={view} />
      <div className="stage">
        <Video className="remote" stream={view.remote} label={t`相手の映像`} />
        <Video className="local" stream={local} muted label={t`自分の映像`} />
        <p className="stage-note" role="status">
          {other?.video === false ? t`相手はカメラを止めています。` : ""} {other?.audio === false ? t`相手はマイクを止めています。` : ""}
        </p>
      </div>
      <div className="controls" role="group" aria-label={t`通話の操作`}>
        <button type="button" className="control" aria-pressed={view.audio} onClick={() => { call.setAudio(!view.audio); }}>
          <span>{t`マイク`}</span> <span className="control-state">{view.audio ? t`入` : t`切`}</span>
        </button>
        <button type="button" className="control" aria-pressed={view.video} onClick={() => { call.setVideo(!view.video); }}>
          <span>{t`カメラ`}</span> <span className="control-state">{view.video ? t`入` : t`切`}</span>
        </button>
        <button type="button" className="control" aria-expanded={chat} onClick={toggleChat}>
          <span>{t`文字で話す`}</span> {unread > 0 ? <span className="control-state">{t`新着 ${unread}`}</span> : null}
        </button>
        <button type="button" className="control control-end" onClick={() => { setAsking(true); }}>
          <span>{endLabel}</span>
        </button>
      </div>
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
      {chat ? <Chat call={call} lines={view.chat} /> : null}
      {children}
    </div>
  );
}
