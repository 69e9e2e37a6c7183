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

it("tells who was invited 119 and the clinic at once, without asking anybody, and nothing of the patient", () => {
  show(<Emergency side="guest" telephone="03-0000-0101" />);
  press();
  expect(screen.getByRole("link", { name: "119番に電話する" }).getAttribute("href")).toBe("tel:119");
  expect(screen.getByRole("link", { name: "03-0000-0101" }).getAttribute("href")).toBe("tel:0300000101");
  expect(screen.getAllByRole("term").map((term) => term.textContent)).toEqual(["この医療機関"]);
  expect(asked).not.toHaveBeenCalled();
  expect(document.activeElement?.id).toBe("emergency-title");
  fireEvent.click(screen.getByRole("button", { name: "とじる" }));
  expect(screen.queryByRole("link")).toBeNull();
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
