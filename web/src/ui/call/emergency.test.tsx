import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Emergency } from "./emergency";

const asked = vi.hoisted(() => vi.fn());
vi.mock("../../api/client", () => ({ client: { POST: asked } }));

beforeEach(() => {
  i18n.loadAndActivate({ locale: "ja", messages: {} });
  asked.mockReset();
});
afterEach(cleanup);

const show = (button: React.ReactNode) => { render(<I18nProvider i18n={i18n}>{button}</I18nProvider>); };
const press = () => { fireEvent.click(screen.getByRole("button", { name: "緊急のとき" })); };

it("tells who waits 119 and the clinic at once, without asking anybody, and nothing of the patient", () => {
  show(<Emergency side="guest" booking="b" telephone="03-0000-0101" inside={false} />);
  press();
  expect(screen.getByRole("link", { name: "119番に電話する" }).getAttribute("href")).toBe("tel:119");
  expect(screen.getByRole("link", { name: "03-0000-0101" }).getAttribute("href")).toBe("tel:0300000101");
  expect(screen.getAllByRole("term").map((term) => term.textContent)).toEqual(["この医療機関"]);
  expect(asked).not.toHaveBeenCalled();
  expect(document.activeElement?.id).toBe("emergency-title");
  fireEvent.click(screen.getByRole("button", { name: "とじる" }));
  expect(screen.queryByRole("link")).toBeNull();
});

it("tells who is inside 119 at once, and the address as soon as the server says it, and nobody's telephone", async () => {
  let answer: (told: unknown) => void = () => undefined;
  asked.mockReturnValue(new Promise((resolve) => { answer = resolve; }));
  show(<Emergency side="guest" booking="b" telephone="03-0000-0101" inside />);
  press();
  expect(screen.getByRole("link", { name: "119番に電話する" })).toBeTruthy();
  expect(screen.queryByText("患者さんのいる住所")).toBeNull();
  const place = { area: "東京都新宿区", address: "架空町1-2-3", contact: null };
  answer({ data: { number: "119", telephone: "03-0000-0101", place, partner: null }, response: { ok: true } });
  await screen.findByText("東京都新宿区架空町1-2-3");
  expect(screen.queryByText("緊急のときの連絡先")).toBeNull();
  expect(asked).toHaveBeenCalledWith("/api/visits/{id}/emergency", { params: { path: { id: "b" } } });
});

it("tells the patient the address that they confirmed, and the clinic", async () => {
  const place = { area: "東京都新宿区", address: "架空町1-2-3", contact: { name: "音無 海", relation: "母", phone: "0900000000" } };
  asked.mockResolvedValue({ data: { number: "119", telephone: "03-0000-0101", place, partner: null }, response: { ok: true } });
  show(<Emergency side="patient" booking="b" />);
  press();
  await screen.findByText("東京都新宿区架空町1-2-3");
  expect(screen.getByRole("link", { name: "03-0000-0101" })).toBeTruthy();
  expect(asked).toHaveBeenCalledWith("/api/visits/{id}/emergency", { params: { path: { id: "b" } } });
});
