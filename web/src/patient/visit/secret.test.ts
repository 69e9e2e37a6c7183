import { describe, expect, it, vi } from "vitest";
import { takeSecret } from "./secret";

describe("the secret of a link", () => {
  it("is read and leaves the address bar", () => {
    const replaceState = vi.fn();
    expect(takeSecret({ hash: "#kZ3p", pathname: "/visit", search: "" }, { state: null, replaceState })).toBe("kZ3p");
    expect(replaceState).toHaveBeenCalledWith(null, "", "/visit");
  });

  it("leaves the history alone when there is none", () => {
    const replaceState = vi.fn();
    expect(takeSecret({ hash: "", pathname: "/visit", search: "" }, { state: null, replaceState })).toBe("");
    expect(replaceState).not.toHaveBeenCalled();
  });
});
