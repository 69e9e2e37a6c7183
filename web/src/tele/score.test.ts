import { describe, expect, it } from "vitest";
import { scoreOf, verdictOf } from "./score";

const verdict = (signs: Parameters<typeof scoreOf>[0]) => verdictOf(scoreOf(signs));

describe("how good a line is", () => {
  it("is good when nothing is noticed, and when nothing is known", () => {
    expect(verdict({})).toBe("good");
    expect(verdict({ loss: 0.01, rttMs: 80, jitterMs: 20, fps: 24, concealed: 0.01 })).toBe("good");
  });

  it("falls with each thing that is noticed", () => {
    expect(verdict({ loss: 0.06, fps: 20 })).toBe("fair");
    expect(verdict({ rttMs: 900, fps: 20 })).toBe("fair");
    expect(verdict({ fps: 2 })).toBe("fair");
    expect(verdict({ fps: 0 })).toBe("fair");
    expect(verdict({ loss: 0.1, fps: 20 })).toBe("poor");
    expect(verdict({ concealed: 0.2, rttMs: 700 })).toBe("poor");
  });

  it("does not miss pictures where none are expected", () => {
    expect(verdict({ fps: undefined })).toBe("good");
  });

  it("is lost only when nothing arrives", () => {
    expect(verdict({ loss: 0.9, rttMs: 5000, jitterMs: 900, concealed: 1, fps: 0 })).toBe("poor");
    expect(verdict({ still: true })).toBe("lost");
  });
});
