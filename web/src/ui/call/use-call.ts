import { useEffect, useMemo, useSyncExternalStore } from "react";
import { Call, type CallOptions, type CallView } from "../../tele/call";

/**
 * Takes part in a visit for as long as the component is shown. Another stream starts anew. Going away only closes
 * the socket: the place in the queue is the server's to keep, and leaving is a button's work.
 */
export function useCall(options: CallOptions): { call: Call; view: CallView } {
  const { booking, policy, stream, side, precheck } = options;
  const call = useMemo(
    () => new Call({ booking, policy, stream, side, precheck }),
    // The result of the check is sent at the start, and the way of the media is the clinic's at the start: visits that
    // go on keep their connections. Later ones do not make a new call.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [booking, stream, side],
  );
  useEffect(() => {
    call.start();
    return () => { call.stop(); };
  }, [call]);
  const view = useSyncExternalStore(call.subscribe, call.view);
  return { call, view };
}
