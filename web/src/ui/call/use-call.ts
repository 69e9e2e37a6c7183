import { useEffect, useState, useSyncExternalStore } from "react";
import { Call, type CallOptions, type CallView } from "../../tele/call";

const nothing = (): (() => void) => () => undefined;
const noView = (): CallView | undefined => undefined;

/** Takes part in a visit for as long as the component is shown. `round` starts anew. */
export function useCall(options: CallOptions | undefined, round = 0): { call: Call; view: CallView } | undefined {
  const [call, setCall] = useState<Call>();
  const { booking, policy, stream, knock, precheck } = options ?? {};
  useEffect(() => {
    if (!booking || !policy || !stream || knock === undefined) return undefined;
    const mine = new Call({ booking, policy, stream, knock, precheck });
    mine.start();
    setCall(mine);
    return () => {
      mine.stop({ t: "leave" });
      setCall(undefined);
    };
    // The result of the check is sent once; a later one does not start a new call.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [booking, policy, stream, knock, round]);
  const view = useSyncExternalStore(call ? call.subscribe : nothing, call ? call.view : noView);
  return call && view ? { call, view } : undefined;
}
