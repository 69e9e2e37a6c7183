import { useLingui } from "@lingui/react/macro";
import type { Call, CallView } from "../../tele/call";
import { canShareScreen } from "../../tele/screen";
import { looksOn } from "./people";

/** What is open beside the pictures. */
export type Beside = "chat" | "captions" | undefined;

/** Who may write captions, as the server has it. */
const CAPTIONING: ReadonlySet<string> = new Set(["clinician", "nurse", "interpreter"]);

/** The buttons of a call, each with a word: four that everybody who takes part needs, and below them what only some can use. */
export function Controls({ call, view, beside, unread, endLabel, onBeside, onEnd }: {
  call: Call;
  view: CallView;
  beside: Beside;
  unread: number;
  endLabel: string;
  onBeside: (beside: Beside) => void;
  onEnd: () => void;
}) {
  const { t } = useLingui();
  const captions = CAPTIONING.has(view.room.role);
  const onlooker = looksOn(view.room.role);
  const screen = !onlooker && canShareScreen(navigator);
  const toggle = (which: Beside) => { onBeside(beside === which ? undefined : which); };
  return (
    <>
      <div className="controls" role="group" aria-label={t`通話の操作`}>
        {onlooker ? null : (
          <>
            <button type="button" className="control" aria-pressed={view.audio} onClick={() => { call.setAudio(!view.audio); }}>
              <span>{t`マイク`}</span> <span className="control-state">{view.audio ? t`入` : t`切`}</span>
            </button>
            <button type="button" className="control" aria-pressed={view.video} onClick={() => { call.setVideo(!view.video); }}>
              <span>{t`カメラ`}</span> <span className="control-state">{view.video ? t`入` : t`切`}</span>
            </button>
          </>
        )}
        <button type="button" className="control" aria-expanded={beside === "chat"} onClick={() => { toggle("chat"); }}>
          <span>{onlooker ? t`文字を読む` : t`文字で話す`}</span> {unread > 0 ? <span className="control-state">{t`新着 ${unread}`}</span> : null}
        </button>
        <button type="button" className="control control-end" onClick={onEnd}>
          <span>{endLabel}</span>
        </button>
      </div>
      {captions || screen ? (
        <div className="buttons" role="group" aria-label={t`そのほかの操作`}>
          {screen ? (
            <button type="button" className="button button-outline" aria-pressed={view.screen !== undefined} onClick={() => { void call.setScreen(view.screen === undefined); }}>
              {view.screen ? t`画面を見せるのをやめる` : t`画面を見せる`}
            </button>
          ) : null}
          {captions ? (
            <button type="button" className="button button-outline" aria-expanded={beside === "captions"} onClick={() => { toggle("captions"); }}>
              {t`字幕を書く`}
            </button>
          ) : null}
        </div>
      ) : null}
    </>
  );
}
