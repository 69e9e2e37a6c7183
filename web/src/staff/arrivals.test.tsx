import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { messages as shared } from "../locales/ja/shared.po";
import { messages as staff } from "../locales/ja/staff.po";
import { playTestTone } from "../tele/devices";
import { ArrivalSwitch, newcomers, useArrivals } from "./arrivals";

vi.mock("../tele/devices", () => ({ playTestTone: vi.fn(() => Promise.resolve()) }));

const notices: string[] = [];
class Notice {
  static permission = "granted";
  static requestPermission = vi.fn(() => Promise.resolve("granted"));
  readonly words: string;

  constructor(words: string) {
    this.words = words;
    notices.push(words);
  }
}

function Page({ waiting }: { waiting: string[] | undefined }) {
  const [on, turn] = useArrivals(waiting);
  return <ArrivalSwitch on={on} onTurn={turn} />;
}

const page = (waiting: string[] | undefined) => <I18nProvider i18n={i18n}><Page waiting={waiting} /></I18nProvider>;
const button = () => screen.getByRole("button", { name: "待合室に来たら音で知らせる" });

beforeEach(() => {
  i18n.loadAndActivate({ locale: "ja", messages: { ...shared, ...staff } });
  window.localStorage.clear();
  notices.length = 0;
  vi.mocked(playTestTone).mockClear();
  vi.stubGlobal("Notification", Notice);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe("a sign for who comes", () => {
  it("knows who is new, and nobody at first", () => {
    expect(newcomers(undefined, ["a"])).toEqual([]);
    expect(newcomers(new Set(["a"]), ["a", "b"])).toEqual(["b"]);
    expect(newcomers(new Set(["a", "b"]), ["b"])).toEqual([]);
  });

  it("is off until it is wanted, and kept for the next time", () => {
    const { rerender } = render(page([]));
    expect(button().getAttribute("aria-pressed")).toBe("false");
    rerender(page(["a"]));
    expect(playTestTone).not.toHaveBeenCalled();
    fireEvent.click(button());
    expect(playTestTone).toHaveBeenCalledTimes(1); // as it will sound
    cleanup();
    render(page(["a"]));
    expect(button().getAttribute("aria-pressed")).toBe("true");
  });

  it("sounds once for each who comes, and not for who was there, who goes, or another day", () => {
    window.localStorage.setItem("onshin.arrivals", "on");
    const { rerender } = render(page(undefined));
    const heard = (waiting: string[] | undefined) => {
      vi.mocked(playTestTone).mockClear();
      rerender(page(waiting));
      return vi.mocked(playTestTone).mock.calls.length;
    };
    expect([heard(["a"]), heard(["a", "b"]), heard(["a", "b"]), heard(["b"]), heard(undefined), heard(["b", "c"]), heard(["b", "c", "d"])])
      .toEqual([0, 1, 0, 0, 0, 0, 1]);
    expect(notices).toEqual([]); // the page is looked at
  });

  it("stands on the desktop while nobody looks, and names nobody", () => {
    window.localStorage.setItem("onshin.arrivals", "on");
    vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    const { rerender } = render(page([]));
    rerender(page(["a"]));
    expect(notices).toEqual(["待合室に患者さんが来ました"]);
  });
});
