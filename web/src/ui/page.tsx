import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useEffect, useRef, useSyncExternalStore } from "react";

let pagesShown = 0;

/** How many complaints about a form stand on the page; any puts 「エラー:」 before the title. */
let complaints = 0;
const listeners = new Set<() => void>();
const changeComplaints = (by: number): void => {
  complaints += by;
  listeners.forEach((tell) => { tell(); });
};
const subscribe = (tell: () => void): (() => void) => {
  listeners.add(tell);
  return () => { listeners.delete(tell); };
};

/** While `wrong`, the title of the page says so, wherever on the page the form stands. */
export function useComplaint(wrong: boolean): void {
  useEffect(() => {
    if (!wrong) return undefined;
    changeComplaints(1);
    return () => { changeComplaints(-1); };
  }, [wrong]);
}

/** Product name at the end of every title. */
const PRODUCT = "Onshin";

/**
 * The heading of a page. Sets the document's title (with 「エラー:」 before it when something failed)
 * and takes the focus when one page follows another, so that a screen reader starts here.
 */
export function PageTitle({ children, title, failed = false }: { children?: ReactNode; title: string; failed?: boolean }) {
  const { t } = useLingui();
  const heading = useRef<HTMLHeadingElement>(null);
  const complained = useSyncExternalStore(subscribe, () => complaints > 0);
  const prefix = failed || complained ? `${t`エラー:`} ` : "";
  useEffect(() => {
    document.title = `${prefix}${title} | ${PRODUCT}`;
  }, [prefix, title]);
  useEffect(() => {
    pagesShown += 1;
    if (pagesShown > 1) heading.current?.focus();
  }, []);
  return (
    <h1 className="page-title" ref={heading} tabIndex={-1}>
      {children ?? title}
    </h1>
  );
}

/** Where something is being fetched; spoken politely. */
export function Busy() {
  const { t } = useLingui();
  return (
    <p className="busy" role="status">
      {t`読み込んでいます…`}
    </p>
  );
}
