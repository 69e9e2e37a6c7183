import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ErrorSummary, errorOf, type FieldError, useErrors } from "./errors";
import { RadioGroup, TextField } from "./fields";

/** What each try of the form is answered with. */
const TRIES: FieldError[][] = [
  [{ field: "founder", text: "入力してください。", bare: true }, { field: "outside", text: "入力してください。", bare: true }],
  [{ field: "founder", text: "開設者の氏名が長すぎます。", bare: true }, { field: "outside", text: "選んでください。" }],
];

function Form() {
  const [errors, setErrors] = useErrors();
  return (
    <form>
      {TRIES.map((answer, number) => <button key={number} type="button" onClick={() => { setErrors(answer); }}>{number}</button>)}
      <ErrorSummary errors={errors} />
      <TextField id="founder" label="開設者の氏名" optional value="" error={errorOf(errors, "founder")} onChange={() => undefined} />
      <RadioGroup id="outside" legend="院外での診療" value="" options={[{ value: "yes", label: "ある" }]} onChange={() => undefined} />
    </form>
  );
}

const links = () => screen.queryAllByRole("link").map((link) => link.textContent);

beforeEach(() => {
  i18n.loadAndActivate({ locale: "ja", messages: {} });
  render(<I18nProvider i18n={i18n}><Form /></I18nProvider>);
});
afterEach(cleanup);

const attempt = (number: number) => { fireEvent.click(screen.getByRole("button", { name: String(number) })); };

it("names the fields whose sentences could be of any, and no others", () => {
  attempt(0);
  expect(links()).toEqual(["開設者の氏名：入力してください。", "院外での診療：入力してください。"]);
  attempt(1);
  expect(links()).toEqual(["開設者の氏名が長すぎます。", "選んでください。"]);
});

it("shows no sentence of another language", () => {
  attempt(1);
  expect(links()).toHaveLength(2);
  act(() => { i18n.loadAndActivate({ locale: "en", messages: {} }); });
  expect(links()).toEqual([]);
  attempt(1);
  expect(links()).toHaveLength(2);
});
