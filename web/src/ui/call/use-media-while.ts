import { useEffect, useRef } from "react";
import { closeMedia } from "../../tele/devices";

/**
 * Camera and microphone go out as soon as the visit does not go on for this side, whatever stays on the screen. Stopped
 * tracks never send again: whoever was turned away and waits after all calls for others by `anew`.
 */
export function useMediaWhile(goesOn: boolean, stream: MediaStream, anew?: () => void): void {
  const stopped = useRef<MediaStream>(undefined);
  useEffect(() => {
    if (!goesOn) {
      closeMedia(stream);
      stopped.current = stream;
    } else if (stopped.current === stream) {
      anew?.();
    }
    // What calls for others is not what it depends on.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [goesOn, stream]);
}
