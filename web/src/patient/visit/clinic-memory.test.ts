import { expect, test } from "vitest";
import { rememberClinic, rememberedClinic } from "./clinic-memory";

test("the clinic is kept by the page alone, and nothing of the patient with it", () => {
  expect(rememberedClinic()).toBeUndefined();
  rememberClinic({ name: "うみかぜ内科", telephone: "03-0000-0000", patient: "音無 花" } as never);
  expect(rememberedClinic()).toEqual({ name: "うみかぜ内科", telephone: "03-0000-0000" });
});
