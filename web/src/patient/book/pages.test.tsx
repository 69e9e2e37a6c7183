import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { MemoryRouter, Route, Routes } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Booking, client } from "../../api/client";
import { messages as patient } from "../../locales/ja/patient.po";
import { messages as shared } from "../../locales/ja/shared.po";
import { messages as book } from "../../locales/ja/book.po";
import { BookFlow, forgetDraft } from "./flow";
import type { Asked, Terms } from "./intake";

const booking: Booking = {
  id: "b1", status: "held", version: 1, zone: "Asia/Tokyo", start: "2026-12-01T00:30:00Z", end: "2026-12-01T00:45:00Z",
  can_change_until: "2026-11-30T22:30:00Z", can_cancel_until: "2026-11-30T23:30:00Z",
  hold_expires_at: new Date(Date.now() + 600_000).toISOString(), hold_extendable: true, new_times: [],
  facility: { id: "f1", name: "みどり坂クリニック", telephone: "03-0000-1000", address: "東京都" },
  clinician: { id: "c1", name: "佐々木 健一", license_year: 1998 },
  service: { id: "s1", name_ja: "再診", name_en: "Return visit", kind: "online_care", length_min: 15, insured: true, fee_note_ja: "900円", fee_note_en: "900 yen", change_cutoff_min: 120, cancel_cutoff_min: 60, needs_approval: false },
};

const asked: Asked = { service_id: "s1", questions: [], first_visit: { visit: "any", without_basis: "request" } };
const terms: Terms = {
  service_id: "s1", fees: null, acknowledge: [],
  consents: [
    { kind: "online_care", version: 1, own: false, text_ja: "ビデオでは分からないことがあります。", text_en: "Video does not show everything." },
    { kind: "privacy", version: 2, own: true, text_ja: "診療のためにだけ使います。", text_en: "Used for care only." },
  ],
};

/** What the server answers, by the end of the address. */
let answers: { questionnaire: Asked; terms: Terms };

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
const tickAll = () => { screen.getAllByRole("checkbox").forEach((box) => fireEvent.click(box)); };
const next = () => fireEvent.click(screen.getByRole("button", { name: "次へ" }));

beforeEach(() => {
  i18n.loadAndActivate({ locale: "ja", messages: { ...shared, ...patient, ...book } });
  document.documentElement.lang = "ja";
  forgetDraft();
  answers = { questionnaire: asked, terms };
  vi.spyOn(client, "GET").mockImplementation(((path: string) => {
    const data = path.endsWith("/questionnaire") ? answers.questionnaire : path.endsWith("/terms") ? answers.terms : booking;
    return Promise.resolve({ data, response: Response.json(data) });
  }) as typeof client.GET);
});
afterEach(cleanup);

async function answerAll(): Promise<void> {
  await answerUntilSymptoms();
  await screen.findByRole("heading", { level: 1, name: "内容を確かめてください" });
}

async function answerUntilSymptoms(): Promise<void> {
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
    const boxes = screen.getAllByRole("checkbox");
    expect(boxes.map((box) => (box as HTMLInputElement).checked)).toEqual([false, false]);
    fireEvent.click(screen.getByLabelText("説明を読みました。個人情報の扱いに同意します"));
    fireEvent.click(screen.getByRole("button", { name: "この内容で予約する" }));
    await screen.findAllByText("予約するには、上の説明への同意が必要です");
    expect(post).not.toHaveBeenCalled();
  });

  it("send what was answered, and lead to the booking", async () => {
    await answerAll();
    const post = vi.spyOn(client, "POST").mockResolvedValue({ data: { booking: { ...booking, status: "booked", number: "TK-1" }, link: "https://x/visit#s" }, response: new Response() });
    tickAll();
    fireEvent.click(screen.getByRole("button", { name: "この内容で予約する" }));
    await screen.findByText("booked page");
    expect(post).toHaveBeenCalledTimes(1);
    expect(post.mock.calls[0]?.[1]).toMatchObject({ body: { for_whom: "self", name: "山田 花子", kana: "ヤマダ ハナコ", birth_date: "1948-05-03", phone: "09012345678", consents: [{ kind: "online_care", version: 1 }, { kind: "privacy", version: 2 }] } });
  });

  it("lead back to the page of the answer that the server refused", async () => {
    await answerAll();
    vi.spyOn(client, "POST").mockResolvedValue({ error: { status: 422, code: "invalid", detail: "", title: "", type: "", errors: [{ pointer: "/phone", code: "invalid", detail: "この電話番号は使えません" }] }, response: new Response(null, { status: 422 }) });
    tickAll();
    fireEvent.click(screen.getByRole("button", { name: "この内容で予約する" }));
    await screen.findByRole("heading", { level: 1, name: "連絡先" });
    await waitFor(() => { expect(screen.getAllByText("この電話番号は使えません")).toHaveLength(2); });
  });

  it("ask what the clinic asks, and what hangs on an answer only after it", async () => {
    answers.questionnaire = {
      ...asked, version: 3,
      questions: [
        { id: "drugs", kind: "yes_no", required: true, label_ja: "薬を飲んでいますか", label_en: "Any medicine?" },
        { id: "names", kind: "text", required: true, label_ja: "薬の名前", label_en: "Its names", shown_when: { question: "drugs", is: true } },
      ],
    };
    await answerUntilSymptoms();
    await screen.findByRole("heading", { level: 1, name: "医療機関からの質問" });
    expect(screen.queryByLabelText("薬の名前")).toBeNull();
    next();
    expect(await screen.findAllByText("「薬を飲んでいますか」に答えてください")).toHaveLength(2);
    fireEvent.click(screen.getByLabelText("はい"));
    type("薬の名前", "せき止め");
    next();
    await screen.findByRole("heading", { level: 1, name: "内容を確かめてください" });
    const post = vi.spyOn(client, "POST").mockResolvedValue({ data: { booking: { ...booking, status: "booked", number: "TK-1" }, link: "https://x/visit#s" }, response: new Response() });
    tickAll();
    fireEvent.click(screen.getByRole("button", { name: "この内容で予約する" }));
    await screen.findByText("booked page");
    expect(post.mock.calls[0]?.[1]).toMatchObject({ body: { questionnaire_version: 3, answers: { drugs: true, names: "せき止め" } } });
  });

  it("show a fee that changed, and send the version that was shown", async () => {
    const item = { kind: "system_usage_fee" as const, name_ja: "システム利用料", name_en: "System fee", note_ja: "", note_en: "", yen: 500, points: null };
    answers.terms = { ...terms, fees: { version: 2, items: [item], cancel: { fee_yen: 0 } } };
    await answerAll();
    screen.getByText("500 円");
    tickAll();
    const current = { terms: { ...terms, fees: { version: 3, items: [{ ...item, yen: 700 }], cancel: { fee_yen: 0 } } } };
    const post = vi.spyOn(client, "POST").mockResolvedValue({ error: { status: 409, code: "fee_changed", detail: "", title: "", type: "", errors: [], current }, response: new Response(null, { status: 409 }) });
    fireEvent.click(screen.getByRole("button", { name: "この内容で予約する" }));
    await screen.findByText("システム利用料: 500 円 から 700 円 に変わりました");
    fireEvent.click(screen.getByRole("button", { name: "この内容で予約する" }));
    await waitFor(() => { expect(post).toHaveBeenCalledTimes(2); });
    expect(post.mock.calls[1]?.[1]).toMatchObject({ body: { fee_version: 3 } });
  });

  it("lead to the telephone instead of a booking where the answers are a sign of an emergency", async () => {
    await answerAll();
    tickAll();
    vi.spyOn(client, "POST").mockResolvedValue({ error: { status: 409, code: "call_the_clinic", detail: "", title: "", type: "", errors: [], telephone: "0120-000-111", emergency: "119" }, response: new Response(null, { status: 409 }) });
    fireEvent.click(screen.getByRole("button", { name: "この内容で予約する" }));
    expect((await screen.findByRole("link", { name: "医療機関に電話する 0120-000-111" })).getAttribute("href")).toBe("tel:0120000111");
    expect(screen.getByRole("link", { name: "救急車を呼ぶ 119" }).getAttribute("href")).toBe("tel:119");
  });
});
