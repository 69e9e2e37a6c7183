import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { MemoryRouter, Route, Routes } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Booking, client } from "../../api/client";
import { messages as patient } from "../../locales/ja/patient.po";
import { messages as shared } from "../../locales/ja/shared.po";
import { BookFlow, forgetDraft } from "./flow";

const booking: Booking = {
  id: "b1", status: "held", version: 1, zone: "Asia/Tokyo", start: "2026-12-01T00:30:00Z", end: "2026-12-01T00:45:00Z",
  can_change_until: "2026-11-30T22:30:00Z", can_cancel_until: "2026-11-30T23:30:00Z",
  hold_expires_at: new Date(Date.now() + 600_000).toISOString(), hold_extendable: true, new_times: [],
  facility: { id: "f1", name: "みどり坂クリニック", telephone: "03-0000-1000", address: "東京都" },
  clinician: { id: "c1", name: "佐々木 健一", license_year: 1998 },
  service: { id: "s1", name_ja: "再診", name_en: "Return visit", kind: "online_care", length_min: 15, insured: true, fee_note_ja: "900円", fee_note_en: "900 yen", change_cutoff_min: 120, cancel_cutoff_min: 60, needs_approval: false },
};

function open(at: string): void {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={queries}>
        <MemoryRouter initialEntries={[at]}>
          <Routes>
            <Route path="/book/:booking/*" element={<BookFlow />} />
            <Route path="/bookings/:booking" element={<p>booked page</p>} />
          </Routes>
        </MemoryRouter>
      </QueryClientProvider>
    </I18nProvider>,
  );
}

const type = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label, { exact: false }), { target: { value } });
const next = () => fireEvent.click(screen.getByRole("button", { name: "次へ" }));

beforeEach(() => {
  i18n.loadAndActivate({ locale: "ja", messages: { ...shared, ...patient } });
  document.documentElement.lang = "ja";
  forgetDraft();
  vi.spyOn(client, "GET").mockResolvedValue({ data: booking, response: Response.json(booking) });
});
afterEach(cleanup);

async function answerAll(): Promise<void> {
  open("/book/b1/who");
  fireEvent.click(await screen.findByLabelText("自分"));
  next();
  await screen.findByRole("heading", { level: 1, name: "受診する方のお名前" });
  type("お名前", "山田 花子");
  type("フリガナ", "やまだ はなこ");
  next();
  await screen.findByRole("heading", { level: 1, name: "受診する方の生年月日" });
  fireEvent.change(screen.getByLabelText("元号"), { target: { value: "showa" } });
  fireEvent.change(screen.getByLabelText("年"), { target: { value: "23" } });
  fireEvent.change(screen.getByLabelText("月"), { target: { value: "5" } });
  fireEvent.change(screen.getByLabelText("日"), { target: { value: "3" } });
  screen.getByText("1948年（昭和23年）5月3日");
  next();
  await screen.findByRole("heading", { level: 1, name: "連絡先" });
  type("電話番号", "090-1234-5678");
  next();
  await screen.findByRole("heading", { level: 1, name: "どのようなご相談ですか" });
  type("いつから、どのような症状か", "せき");
  next();
  await screen.findByRole("heading", { level: 1, name: "内容を確かめてください" });
}

describe("the questions before a booking", () => {
  it("say what is missing in a focused summary, beside the field and in the title", async () => {
    open("/book/b1/who");
    await screen.findByRole("heading", { level: 1, name: "どなたの受診ですか" });
    next();
    const summary = await screen.findByRole("alert");
    expect(document.activeElement).toBe(summary);
    expect(screen.getAllByText("どなたの受診か選んでください")).toHaveLength(2);
    expect(document.title).toBe("エラー: どなたの受診ですか | Onshin");
  });

  it("start at the first gap when opened in the middle", async () => {
    open("/book/b1/check");
    await screen.findByRole("heading", { level: 1, name: "どなたの受診ですか" });
  });

  it("show the held time and the clinic's telephone", async () => {
    open("/book/b1/who");
    await screen.findByText(/まで この時間を おさえています$/);
    expect(screen.getByRole("link", { name: "03-0000-1000" }).getAttribute("href")).toBe("tel:0300001000");
  });

  it("do not book without consent, which nobody ticked beforehand", async () => {
    await answerAll();
    const post = vi.spyOn(client, "POST");
    const consent = screen.getByRole("checkbox");
    expect((consent as HTMLInputElement).checked).toBe(false);
    fireEvent.click(screen.getByRole("button", { name: "この内容で予約する" }));
    await screen.findAllByText("予約するには、上の説明への同意が必要です");
    expect(post).not.toHaveBeenCalled();
  });

  it("send what was answered, and lead to the booking", async () => {
    await answerAll();
    const post = vi.spyOn(client, "POST").mockResolvedValue({ data: { booking: { ...booking, status: "booked", number: "TK-1" }, link: "https://x/visit#s" }, response: new Response() });
    fireEvent.click(screen.getByRole("checkbox"));
    fireEvent.click(screen.getByRole("button", { name: "この内容で予約する" }));
    await screen.findByText("booked page");
    expect(post).toHaveBeenCalledTimes(1);
    expect(post.mock.calls[0]?.[1]).toMatchObject({ body: { for_whom: "self", name: "山田 花子", kana: "ヤマダ ハナコ", birth_date: "1948-05-03", phone: "09012345678", consent: true } });
  });

  it("lead back to the page of the answer that the server refused", async () => {
    await answerAll();
    vi.spyOn(client, "POST").mockResolvedValue({ error: { status: 422, code: "invalid", detail: "", title: "", type: "", errors: [{ pointer: "/phone", code: "invalid", detail: "この電話番号は使えません" }] }, response: new Response(null, { status: 422 }) });
    fireEvent.click(screen.getByRole("checkbox"));
    fireEvent.click(screen.getByRole("button", { name: "この内容で予約する" }));
    await screen.findByRole("heading", { level: 1, name: "連絡先" });
    await waitFor(() => { expect(screen.getAllByText("この電話番号は使えません")).toHaveLength(2); });
  });
});
