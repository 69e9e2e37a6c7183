import { useEffect, useState } from "react";

/** The time of this device, renewed every `everyMs`. */
export function useNow(everyMs: number): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = window.setInterval(() => { setNow(new Date()); }, everyMs);
    return () => { window.clearInterval(timer); };
  }, [everyMs]);
  return now;
}
