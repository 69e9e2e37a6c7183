import { describe, expect, it } from "vitest";
import { preferredLanguage } from "./language";

describe("the first language shown", () => {
  it("is the one chosen before, then the browser's, then Japanese", () => {
    expect(preferredLanguage("en", ["ja-JP"])).toBe("en");
    expect(preferredLanguage(null, ["en-US", "ja"])).toBe("en");
    expect(preferredLanguage(null, ["fr-FR", "ja-JP", "en"])).toBe("ja");
    expect(preferredLanguage(null, ["fr", "de"])).toBe("ja");
    expect(preferredLanguage("klingon", [])).toBe("ja");
  });
});
