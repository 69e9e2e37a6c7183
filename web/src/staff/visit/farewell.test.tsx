import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Farewell } from "./farewell";

beforeEach(() => { i18n.loadAndActivate({ locale: "ja", messages: {} }); });
afterEach(cleanup);

const show = (bye: string | undefined) => { render(<I18nProvider i18n={i18n}><Farewell bye={bye} /></I18nProvider>); };

it("leads whoever is signed out to where they sign in, and says that the visit may go on", () => {
  show("signed_out");
  expect(screen.getByRole("status").textContent).toContain("診察が終わったとは限りません");
  expect(screen.getByRole("link", { name: "ログインの画面へ" }).getAttribute("href")).toBe(window.location.pathname);
});

it("asks nobody else to sign in", () => {
  for (const bye of ["replaced", "moved", undefined]) {
    show(bye);
    expect(screen.queryByRole("link")).toBeNull();
    cleanup();
  }
});
