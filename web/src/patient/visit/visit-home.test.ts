import { expect, test } from "vitest";
import { isOpen, isOver } from "./visit-home";

const visit = (status: "booked" | "checked_in" | "in_progress" | "declined" | "no_show" | "cancelled" | "requested", state: "open" | "scheduled" | "ended" = "open") =>
  ({ booking: { status }, state, opens_at: "2026-12-01T00:00:00Z", closes_at: "2026-12-02T15:00:00Z" });

const at = (text: string) => Date.parse(text);

test("the way goes on by itself from the opening on, until the room closes", () => {
  expect(isOpen(visit("booked"), at("2026-11-30T23:59:59Z"))).toBe(false);
  expect(isOpen(visit("booked"), at("2026-12-01T00:00:00Z"))).toBe(true);
  expect(isOpen(visit("checked_in"), at("2026-12-01T03:00:00Z"))).toBe(true);
  expect(isOpen(visit("in_progress"), at("2026-12-01T03:00:00Z"))).toBe(true);
  expect(isOpen(visit("booked"), at("2026-12-02T15:00:00Z"))).toBe(false);
});

test("nobody is led to a visit that does not take place", () => {
  for (const status of ["declined", "no_show", "cancelled"] as const) expect(isOpen(visit(status), at("2026-12-01T03:00:00Z"))).toBe(false);
  expect(isOpen(visit("booked", "ended"), at("2026-12-01T03:00:00Z"))).toBe(false);
});

test("another booking is offered once this one leads nowhere, and not before", () => {
  for (const status of ["declined", "no_show", "cancelled"] as const) expect(isOver(visit(status), at("2026-12-01T03:00:00Z"))).toBe(true);
  expect(isOver(visit("booked", "ended"), at("2026-12-01T03:00:00Z"))).toBe(true);
  expect(isOver(visit("booked"), at("2026-12-02T15:00:00Z"))).toBe(true);
  expect(isOver(visit("booked"), at("2026-12-02T14:59:59Z"))).toBe(false);
  expect(isOver(visit("booked", "scheduled"), at("2026-11-30T00:00:00Z"))).toBe(false);
  expect(isOver(visit("requested", "scheduled"), at("2026-11-30T00:00:00Z"))).toBe(false);
});
