import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useEffect, useRef } from "react";

let pagesShown = 0;

/** Product name at the end of every title. */
const PRODUCT = "Onshin";

/**
 * The heading of a page. Sets the document's title (with 「エラー:」 before it when the page has errors)
 * and takes the focus when one page follows another, so that a screen reader starts here.
 */
export function PageTitle({ children, title, failed = false }: { children?: ReactNode; title: string; failed?: boolean }) {
  const { t } = useLingui();
  const heading = useRef<HTMLHeadingElement>(null);
  const prefix = failed ? `${t`エラー:`} ` : "";
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
