import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { messages as shared } from "../../locales/ja/shared.po";
import { messages as staff } from "../../locales/ja/staff.po";
import type { Waiting } from "../../tele/messages";
import { type Deeds, WaitingCard } from "./waiting-card";

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
const hana: Waiting = { participant: "p1", role: "patient", name: "音無 花", since: ago(12) };

function deeds(): Deeds {
  return { admit: vi.fn(), hold: vi.fn(), deny: vi.fn() };
}

function show(one: Waiting, call = deeds()): HTMLElement {
  return render(<I18nProvider i18n={i18n}><WaitingCard one={one} call={call} /></I18nProvider>).container;
}

beforeEach(() => {
  i18n.loadAndActivate({ locale: "ja", messages: { ...shared, ...staff } });
});
afterEach(cleanup);

describe("somebody who waits", () => {
  it("is shown with the minutes waited, from the first on", () => {
    expect(show(hana).textContent).toContain("音無 花 12 分 待っています");
    cleanup();
    expect(show({ ...hana, since: ago(0) }).textContent).toContain("今来ました");
  });

  it("is shown with what the check of devices and line gave", () => {
    expect(show(hana).textContent).toContain("機器・回線: 未確認");
    cleanup();
    const good = { camera: true, microphone: true, speaker: true, line: "ok" as const };
    expect(show({ ...hana, precheck: good }).textContent).toContain("機器・回線: 良好");
    cleanup();
    const page = show({ ...hana, precheck: { ...good, microphone: false, line: "failed" } });
    expect(page.querySelector(".bad")?.textContent).toBe("機器・回線: マイク× 回線×");
  });

  it("is let in, asked for patience or turned away, and says which was done", () => {
    const call = deeds();
    show(hana, call);
    for (const name of ["呼ぶ", "お待たせする", "断る"]) fireEvent.click(screen.getByRole("button", { name }));
    for (const deed of [call.admit, call.hold, call.deny]) expect(deed).toHaveBeenCalledWith("p1");
    cleanup();
    expect(show({ ...hana, held: true }).textContent).toContain("「もう少しお待ちください」と伝えました");
  });

  it("is asked about first, where the person is a third one", () => {
    show({ ...hana, role: "interpreter", name: "手話 結" });
    screen.getByRole("button", { name: "患者さんに聞いて入れる" });
    cleanup();
    const page = show({ ...hana, role: "interpreter", asked: true });
    expect(page.textContent).toContain("患者さんに、入ってよいか聞いています…");
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "患者さんに聞いて入れる" }).disabled).toBe(true);
  });
});
