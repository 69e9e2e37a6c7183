import { expect, test } from "vitest";
import { rememberClinic, rememberedClinic } from "./clinic-memory";

function shelf(): Pick<Storage, "getItem" | "setItem"> {
  const kept = new Map<string, string>();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => { kept.set(key, value); } };
}

test("the clinic is kept, and nothing else of a booking", () => {
  const storage = shelf();
  expect(rememberedClinic(storage)).toBeUndefined();
  rememberClinic({ name: "うみかぜ内科", telephone: "03-0000-0000", patient: "音無 花" } as never, storage);
  expect(rememberedClinic(storage)).toEqual({ name: "うみかぜ内科", telephone: "03-0000-0000" });
  expect(storage.getItem("onshin.clinic")).not.toContain("花");
});

test("what is no clinic is none", () => {
  for (const odd of ["", "null", "[]", "{\"name\":1,\"telephone\":\"\"}", "{"]) expect(rememberedClinic({ getItem: () => odd })).toBeUndefined();
  expect(rememberedClinic({ getItem: () => { throw new Error("denied"); } })).toBeUndefined();
});
