import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { playTestTone } from "../tele/devices";

/** Where this browser keeps that a sign is wanted; another one of the same person has its own. */
const KEY = "onshin.arrivals";

function kept(): boolean {
  try {
    return window.localStorage.getItem(KEY) === "on";
  } catch {
    return false; // nothing is kept here: it is off
  }
}

function keep(on: boolean): void {
  try {
    window.localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // It holds until the page is closed.
  }
}

/** Who came since it was last looked. Before anything was known nobody is new. */
export function newcomers(before: ReadonlySet<string> | undefined, now: readonly string[]): string[] {
  return before ? now.filter((one) => !before.has(one)) : [];
}

/** Not there in every browser, whatever the types say. */
const notices = (): typeof Notification | undefined => window.Notification;

/** A sound; and a notice on the desktop when nobody looks at the page. It names nobody: others may see the screen. */
function sign(words: string): void {
  playTestTone().catch(() => undefined); // some browsers want a touch first
  const Notice = notices();
  if (document.visibilityState === "visible" || Notice?.permission !== "granted") return;
  try {
    new Notice(words, { tag: KEY });
  } catch {
    // On telephones only a service worker may: the sound has to do.
  }
}

/**
 * Gives a sign when somebody comes into the waiting room, where that is switched on. `waiting` are those who wait today,
 * by booking; absent while that is not known. Gives whether it is on, and what turns it.
 */
export function useArrivals(waiting: readonly string[] | undefined): [boolean, (on: boolean) => void] {
  const { t } = useLingui();
  const [on, setOn] = useState(kept);
  const known = useRef<ReadonlySet<string>>(undefined);
  const words = t`待合室に患者さんが来ました`;
  const list = waiting?.join(" ");
  useEffect(() => {
    const now = list?.split(" ").filter(Boolean);
    const came = newcomers(known.current, now ?? []);
    known.current = now && new Set(now);
    if (on && came.length > 0) sign(words);
    // Turned on or said in another language: nobody came by that.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [list]);
  const turn = (wanted: boolean) => {
    keep(wanted);
    setOn(wanted);
    if (!wanted) return;
    // So that one knows the sound, and the browser allows it from now on.
    playTestTone().catch(() => undefined);
    notices()?.requestPermission().catch(() => undefined);
  };
  return [on, turn];
}

/** The switch for it. */
export function ArrivalSwitch({ on, onTurn }: { on: boolean; onTurn: (on: boolean) => void }) {
  const { t } = useLingui();
  return (
    <p>
      <button type="button" className="button button-outline button-small" aria-pressed={on} onClick={() => { onTurn(!on); }}>
        {t`待合室に来たら音で知らせる`}
      </button>
    </p>
  );
}
