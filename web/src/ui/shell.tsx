import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { LanguageSwitch } from "./language-switch";

/** Header, main and footer around every page. `extra` stands in the header: navigation or the account. */
export function Shell({ home, name, extra, children, wide = false }: {
  home: string;
  name: string;
  extra?: ReactNode;
  children: ReactNode;
  wide?: boolean;
}) {
  const { t } = useLingui();
  return (
    <div className={`shell${wide ? " shell-wide" : ""}`}>
      <a className="skip-link" href="#main">
        {t`本文へ`}
      </a>
      <header className="header">
        <div className="header-inner">
          <a className="product" href={home}>
            <span className="product-name">Onshin</span>
            <span className="product-purpose">{name}</span>
          </a>
          {extra}
          <LanguageSwitch />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
