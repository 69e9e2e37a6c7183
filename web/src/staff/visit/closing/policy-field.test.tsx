import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PolicyField } from "./policy-field";

function Form({ reads }: { reads: "ja" | "en" }) {
  const [entry, setEntry] = useState({ guideline: true, policy: "" });
  return <PolicyField reads={reads} entry={entry} errors={[]} onChange={(change) => { setEntry({ ...entry, ...change }); }} />;
}

beforeEach(() => { i18n.loadAndActivate({ locale: "ja", messages: {} }); });
afterEach(cleanup);

const show = (reads: "ja" | "en") => { render(<I18nProvider i18n={i18n}><Form reads={reads} /></I18nProvider>); };
const field = () => screen.getByRole<HTMLTextAreaElement>("textbox");
const offers = () => screen.queryAllByRole("button").map((button) => button.textContent);
const press = (name: string) => { fireEvent.click(screen.getByRole("button", { name })); };

it("offers the usual sentence in the patient's language, whichever the page speaks", () => {
  show("en");
  expect(offers()).toEqual(["いつもの文を入れる（英語）", "いつもの文を入れる（日本語）"]);
  expect(screen.getByText("患者さんは英語で読みます")).toBeTruthy();
  press("いつもの文を入れる（英語）");
  expect(field().value).toMatch(/^[\x20-\x7e]+ 119\.$/);
  // A slip is put right with one tap.
  expect(offers()).toEqual(["いつもの文を入れる（日本語）"]);
  press("いつもの文を入れる（日本語）");
  expect(field().value).toContain("電話してください");
  expect(offers()).toEqual(["いつもの文を入れる（英語）"]);
});

it("never offers to put it over what the doctor wrote", () => {
  show("ja");
  fireEvent.change(field(), { target: { value: "三日後に電話" } });
  expect(offers()).toEqual([]);
  fireEvent.change(field(), { target: { value: " " } });
  expect(offers()).toHaveLength(2);
});
