/**
 * One effect for one action of a person, however often its request is sent. Each write carries an
 * `Idempotency-Key`; until its answer has arrived whole, the same request is the same action: a
 * second click, our own retry after the network failed, the person's retry minutes later. The
 * server then gives the first answer again.
 */

/** Writes without a key, as the server has it: signing in, and what must be new each time. */
const WITHOUT = /^\/api\/(session|clinic\/outside\/[^/]+\/fetch|admin\/imports\/drafts|clinic\/webhooks\/[^/]+\/test|(clinic\/)?visits\/[^/]+\/(signal-ticket|emergency)|visits\/[^/]+\/exchange-number|bookings\/[^/]+\/(device-check|line-check(\/[^/]+\/(finish|relay))?))$/;

/** How long to wait before the second and the third try, in milliseconds. */
const PAUSES = [400, 1500];

/** Whether the server takes a key for this. */
export const takesKey = (method: string, path: string): boolean =>
  ["POST", "PUT", "DELETE", "PATCH"].includes(method) && path.startsWith("/api/") && !WITHOUT.test(path);

/** Keys of requests whose answer has not arrived. */
const unanswered = new Map<string, string>();

const wait = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Sends a request; a write is tried again under its key when the network fails. */
export async function send(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  if (!takesKey(request.method, pathname)) return fetch(request);
  const action = [request.method, pathname, search, await request.clone().text()].join("\n");
  const key = unanswered.get(action) ?? crypto.randomUUID();
  unanswered.set(action, key);
  request.headers.set("Idempotency-Key", key);
  const answer = await patiently(request);
  // Of 5xx nothing was kept, and the next try is the same action still.
  if (answer.status < 500) unanswered.delete(action);
  return answer;
}

async function patiently(request: Request): Promise<Response> {
  for (const pause of PAUSES) {
    try {
      return await whole(request);
    } catch (error) {
      if (request.signal.aborted) throw error;
      await wait(pause);
    }
  }
  return whole(request);
}

/** The answer with all of its body, so that one that was cut off counts as none. */
async function whole(request: Request): Promise<Response> {
  const answer = await fetch(request.clone());
  const body = await answer.arrayBuffer();
  const { status, statusText, headers } = answer;
  return new Response(body.byteLength > 0 ? body : null, { status, statusText, headers });
}
