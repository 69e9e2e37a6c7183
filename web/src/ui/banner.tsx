import type { ReactNode } from "react";

/** A notice across the page. `live` speaks it politely when it changes. */
export function Banner({ kind, title, live = false, children }: {
  kind: "info" | "success" | "warning" | "error";
  title?: string;
  live?: boolean;
  children?: ReactNode;
}) {
  return (
    <div className={`banner banner-${kind}`} {...(live ? { role: "status" } : {})}>
      {title ? <p className="banner-title">{title}</p> : null}
      {children}
    </div>
  );
}
