import { type ReactNode, useEffect, useRef } from "react";

/** What came of a deed whose button is gone: takes the focus, so that whoever works by keyboard goes on from here. */
export function Said({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => { box.current?.focus(); }, []);
  return <div ref={box} tabIndex={-1}>{children}</div>;
}
