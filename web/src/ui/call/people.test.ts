import { describe, expect, it } from "vitest";
import { hasTile, maybeBeside } from "./people";

const seen = { camera: {} as MediaStream };

describe("who has a tile", () => {
  it("is everybody who takes part, seen or not yet", () => {
    for (const role of ["clinician", "patient", "family_proxy", "nurse", "specialist", "interpreter"] as const) {
      expect(hasTile({ role }, undefined)).toBe(true);
      expect(hasTile({ role }, seen)).toBe(true);
    }
  });

  it("is staff with something to see or hear", () => {
    expect(hasTile({ role: "staff" }, undefined)).toBe(false);
    expect(hasTile({ role: "staff" }, seen)).toBe(true);
  });

  it("is never an observer, even where a track is said to be theirs", () => {
    expect(hasTile({ role: "observer" }, undefined)).toBe(false);
    expect(hasTile({ role: "observer" }, seen)).toBe(false);
  });
});

describe("who may be beside the patient", () => {
  it("is a nurse and the family, and nobody who is elsewhere", () => {
    const roles = ["clinician", "staff", "patient", "family_proxy", "nurse", "specialist", "interpreter", "observer"] as const;
    expect(roles.filter(maybeBeside)).toEqual(["family_proxy", "nurse"]);
  });
});
