import { expect, test } from "vitest";
import { outside } from "./media-help";

test("LINE is asked to open the address outside, and what opens the booking stays behind the number sign", () => {
  expect(outside("https://onshin.example/visit#secret")).toBe("https://onshin.example/visit?openExternalBrowser=1#secret");
  expect(outside("https://onshin.example/visit/1/check?openExternalBrowser=1")).toBe("https://onshin.example/visit/1/check?openExternalBrowser=1");
});
