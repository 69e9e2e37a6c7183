import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const folder = join(import.meta.dirname, "..", "locales");

/** Message → translation of a PO file whose entries stand on one line each. */
function entries(file: string): Map<string, string> {
  const text = readFileSync(file, "utf8").replace(/"\n"/g, "");
  return new Map([...text.matchAll(/^msgid "(.+)"\nmsgstr "(.*)"$/gm)].map(([, id = "", words = ""]) => [id, words]));
}

/** The values a text asks for; a plural names its value once, before the comma. */
const places = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)[,}]/g)].map(([, name = ""]) => name))].sort();

const groups = readdirSync(join(folder, "ja"));

describe.each(groups)("the catalogue %s", (group) => {
  const ja = entries(join(folder, "ja", group));
  const en = entries(join(folder, "en", group));

  it("has words", () => {
    expect(ja.size).toBeGreaterThan(40);
  });

  it("has every message in both languages", () => {
    expect([...en.keys()].sort()).toEqual([...ja.keys()].sort());
    expect([...ja].filter(([, words]) => !words)).toEqual([]);
    expect([...en].filter(([, words]) => !words)).toEqual([]);
  });

  it("asks for the same values in both languages", () => {
    for (const [id, words] of en) expect(places(words), id).toEqual(places(id));
  });

  it("has no Japanese left in English, but for names and examples", () => {
    const left = [...en].filter(([, words]) => /[\u3040-\u30ff\u4e00-\u9fff]/.test(words)).map(([id]) => id);
    expect(left).toEqual(left.filter((id) => id.startsWith("例:")));
  });
});
