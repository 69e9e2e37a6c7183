import { useEffect } from "react";
import { client } from "../api/client";

/** After a word of change, and after a failure, this long passes before the next question, in milliseconds. */
const PAUSE_MS = 200;
const FAILED_MS = 5_000;

/** Resolves after a while, at once when it is over. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = window.setTimeout(done, ms);
    signal.addEventListener("abort", () => {
      window.clearTimeout(timer);
      done();
    }, { once: true });
  });
}

/** Resolves once the page is looked at. A page that nobody sees keeps no connection: browsers have few for one server. */
function seen(signal: AbortSignal): Promise<void> {
  if (document.visibilityState === "visible") return Promise.resolve();
  return new Promise((done) => {
    const look = () => {
      if (document.visibilityState !== "visible" && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      done();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look, { once: true });
  });
}

/** Says again and again when the clinic's day changed, until `signal` ends it; `unseen` also while nobody looks at the page. */
async function listen(onChange: () => void, unseen: boolean, signal: AbortSignal): Promise<void> {
  const over = () => signal.aborted;
  let mark: number | undefined;
  while (!over()) {
    if (!unseen) await seen(signal);
    let found: number | undefined;
    try {
      const { data } = await client.GET("/api/clinic/visits/changes", { params: { query: mark === undefined ? {} : { after: mark } }, signal });
      found = data?.mark;
    } catch {
      // The line is away; the page says so by itself when it looks again.
    }
    // At the first mark, too: what changed since the page was loaded has no other sign.
    if (found !== undefined && found !== mark && !over()) onChange();
    mark = found ?? mark;
    await pause(found === undefined ? FAILED_MS : PAUSE_MS, signal);
  }
}

/** Looks again as soon as the server says that the clinic's day changed, `unseen` also in a page in the background. `onChange` stays the same function. */
export function useChanges(onChange: () => void, unseen: boolean): void {
  useEffect(() => {
    const over = new AbortController();
    void listen(onChange, unseen, over.signal);
    return () => { over.abort(); };
  }, [onChange, unseen]);
}
