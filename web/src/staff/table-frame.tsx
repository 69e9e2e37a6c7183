import type { ReactNode } from "react";

/** A table that may be wider than the screen: it scrolls by itself, also from the keyboard. */
export function TableFrame({ label, children }: { label: string; children: ReactNode }) {
  return (
    // A region that scrolls has to be reachable without a mouse.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-frame" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
