import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import document from "../../openapi.json";
import { send, takesKey } from "./keys";

const answers = vi.fn<(request: Request) => Promise<Response>>();
const keys = (): (string | null)[] => answers.mock.calls.map(([request]) => request.headers.get("Idempotency-Key"));
const post = (path: string, body: object): Request =>
  new Request(`https://onshin.example${path}`, { method: "POST", body: JSON.stringify(body) });
const ok = (): Promise<Response> => Promise.resolve(Response.json({ id: "b1" }, { status: 201 }));

beforeEach(() => {
  answers.mockReset();
  vi.stubGlobal("fetch", answers);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("keys of actions", () => {
  it("are new for each action", async () => {
    answers.mockImplementation(ok);
    await send(post("/api/bookings", { start: "1" }));
    await send(post("/api/bookings", { start: "1" }));
    const [first, second] = keys();
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).not.toBe(first);
  });

  it("are one for two clicks at once, and differ for different wishes", async () => {
    answers.mockImplementation(ok);
    await Promise.all([
      send(post("/api/bookings", { start: "1" })), send(post("/api/bookings", { start: "1" })),
      send(post("/api/bookings", { start: "2" })),
    ]);
    expect(new Set(keys()).size).toBe(2);
  });

  it("stay the same when the network fails, until the answer has come whole", async () => {
    vi.useFakeTimers();
    answers.mockRejectedValue(new TypeError("Failed to fetch"));
    const failed = expect(send(post("/api/bookings", { start: "1" }))).rejects.toThrow(TypeError);
    await vi.runAllTimersAsync();
    await failed;
    expect(keys()).toHaveLength(3);

    // The person tries again: an answer of which the end is missing, a server that restarts, then all.
    const torn = Response.json({ id: "b1" }, { status: 201 });
    vi.spyOn(torn, "arrayBuffer").mockRejectedValue(new TypeError("network error"));
    answers.mockResolvedValueOnce(torn);
    answers.mockResolvedValueOnce(new Response(null, { status: 503 }));
    const busy = send(post("/api/bookings", { start: "1" }));
    await vi.runAllTimersAsync();
    expect((await busy).status).toBe(503);
    answers.mockImplementation(ok);
    const answer = await send(post("/api/bookings", { start: "1" }));
    expect(await answer.json()).toEqual({ id: "b1" });
    expect(keys()).toHaveLength(6);
    expect(new Set(keys()).size).toBe(1);

    await send(post("/api/bookings", { start: "1" }));
    expect(new Set(keys()).size).toBe(2);
  });

  it("are not sent, and nothing is repeated, where the server takes none", async () => {
    answers.mockRejectedValue(new TypeError("Failed to fetch"));
    await expect(send(post("/api/bookings/b1/line-check", {}))).rejects.toThrow(TypeError);
    await expect(send(new Request("https://onshin.example/api/bookings"))).rejects.toThrow(TypeError);
    expect(keys()).toEqual([null, null]);
  });

  it("go with exactly the writes of the server's document", () => {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries<{ tags?: string[]; parameters?: { name: string }[] }>(item)) {
        const named = operation.parameters?.some((parameter) => parameter.name === "Idempotency-Key") ?? false;
        expect([path, method, takesKey(method.toUpperCase(), path)]).toEqual([path, method, named]);
      }
    }
  });
});
