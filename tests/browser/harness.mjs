// What the browser tests stand on: the built server on a free port with its own folder, and
// Chromium with a separate profile for each person.
//
//   const server = await startServer();
//   const patient = await openProfile({ name: 'patient', camera: true });
//   … await patient.page.goto(server.url) …
//   await closeAll();            // in after(): profiles first, then servers; fails on complaints
//
// ONSHIN_BIN names the program (else target/debug/onshin), CHROMIUM the browser.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cameraFlags } from './fakes.mjs';

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const { chromium } = createRequire(join(root, 'web/package.json'))('playwright-core');

const BROWSER_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** The widths every screen is looked at in. */
export const WIDTHS = [360, 1280];

const profiles = new Set();
const servers = new Set();

/** A TCP port of 127.0.0.1 that was free just now. */
export async function freePort() {
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/**
 * Starts the server and waits until it is ready.
 *
 * `env` are settings beside the usual ones (`ONSHIN_ICE_POLICY: 'relay'`), `args` further arguments,
 * `demo: false` leaves the demo out. Gives `{ url, folder, log(), stop(), kill(signal), again() }`:
 * `kill` ends the process as a fault would and leaves its folder, `again` starts it anew on the same
 * folder and port and waits until it is ready.
 */
export async function startServer({ demo = true, env = {}, args = [], wait = 60_000 } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    const server = await launch(await freePort(), { demo, env, args, wait });
    try {
      await untilReady(server, wait);
      return server;
    } catch (error) {
      const clash = /address (already )?in use/i.test(server.log());
      await server.stop();
      if (!clash || attempt === 3) throw error;
    }
  }
}

async function launch(port, { demo, env, args, wait }) {
  const folder = await mkdtemp(join(tmpdir(), 'onshin-browser-'));
  const program = resolve(root, process.env.ONSHIN_BIN ?? 'target/debug/onshin');
  // Settings of the person who runs the tests must not reach the server.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ONSHIN_'));
  let log = '';
  const keep = (text) => (log = (log + text).slice(-1_000_000));
  const run = () => {
    const child = spawn(program, ['serve', ...(demo ? ['--demo'] : []), ...args], {
      cwd: folder,
      env: {
        ...Object.fromEntries(inherited),
        ONSHIN_LISTEN: `127.0.0.1:${port}`,
        ONSHIN_DATABASE: `sqlite:${join(folder, 'onshin.db')}`,
        ONSHIN_TURN__LISTEN: '127.0.0.1:0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const ended = new Promise((done) => {
      child.once('exit', (code, signal) => done(`exit ${code ?? signal}`));
      child.once('error', (error) => done(String(error)));
    });
    return { child, ended };
  };
  const end = async ({ child, ended }, signal) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const stubborn = setTimeout(() => child.kill('SIGKILL'), 35_000);
    await ended;
    clearTimeout(stubborn);
  };
  let running = run();
  const server = {
    url: `http://127.0.0.1:${port}`,
    folder,
    get pid() {
      return running.child.pid;
    },
    get ended() {
      return running.ended;
    },
    log: () => log,
    kill: (signal = 'SIGKILL') => end(running, signal),
    async again() {
      await end(running, 'SIGTERM');
      running = run();
      await untilReady(server, wait);
    },
    async stop() {
      servers.delete(server);
      await end(running, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
  servers.add(server);
  return server;
}

/** Calls `run` with the address of a PostgreSQL that is there for this alone. */
export async function withPostgres(run) {
  const program = join(root, 'tests/postgres.sh');
  const state = join(tmpdir(), `onshin-browser-postgres-${process.pid}`);
  const database = execFileSync(program, ['start', state], { encoding: 'utf8' }).trim();
  try {
    return await run(database);
  } finally {
    execFileSync(program, ['stop', state]);
  }
}

async function untilReady(server, wait) {
  let end;
  server.ended.then((how) => (end = how));
  const deadline = Date.now() + wait;
  while (Date.now() < deadline) {
    if (end !== undefined) throw new Error(`the server ended (${end}):\n${server.log()}`);
    const answer = await fetch(`${server.url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`the server was not ready within ${wait} ms:\n${server.log()}`);
}

/**
 * Opens a browser with a profile of its own, as on a machine of its own: no cookie, no storage, no
 * process is shared with another one.
 *
 * `camera` gives it a fake camera and microphone and the permission to use them: `true` for the
 * browser's own, `{ color, tone }` (one of `CAST` in fakes.mjs) for those of one person. `program` is
 * started in the browser's place, `flags` are handed to it beside the usual ones. Gives
 * `{ name, page, context, complaints, expectComplaint(pattern), close() }`. Violations of the
 * content security policy and uncaught errors are complaints; `close` fails when there are any that
 * were not expected.
 */
export async function openProfile({
  name = 'person',
  camera = false,
  width = 1280,
  height = 900,
  locale = 'ja-JP',
  program = process.env.CHROMIUM ?? '/usr/bin/chromium',
  flags = [],
} = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'onshin-profile-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: program,
    args: [...BROWSER_FLAGS, ...(await cameraFlags(camera, folder)), ...flags],
    permissions: camera ? ['camera', 'microphone'] : [],
    viewport: { width, height },
    locale,
    timezoneId: 'Asia/Tokyo',
  });
  const complaints = [];
  const expected = [];
  const complain = (text) => {
    if (!expected.some((pattern) => pattern.test(text))) complaints.push(`${name}: ${text}`);
  };
  await context.exposeBinding('__onshinComplain', (_, text) => complain(text));
  await context.addInitScript(watchPage);
  const watch = (page) => {
    page.on('pageerror', (error) => complain(`uncaught ${error.stack ?? error}`));
    page.on('console', (message) => {
      const text = message.text();
      if (/content security policy/i.test(text)) complain(text);
    });
  };
  context.pages().forEach(watch);
  context.on('page', watch);
  const profile = {
    name,
    context,
    complaints,
    page: context.pages()[0] ?? (await context.newPage()),
    expectComplaint: (pattern) => expected.push(pattern),
    async close() {
      profiles.delete(profile);
      await context.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      if (complaints.length > 0) throw new Error(complaints.join('\n'));
    },
  };
  profiles.add(profile);
  return profile;
}

/** Runs in each page before its own scripts: keeps its peer connections and the cameras and microphones it opened, reports its violations. */
function watchPage() {
  const Native = window.RTCPeerConnection;
  window.__peers = [];
  if (Native) {
    window.RTCPeerConnection = class RTCPeerConnection extends Native {
      constructor(...parameters) {
        super(...parameters);
        window.__peers.push(this);
      }
    };
  }
  window.__opened = [];
  const devices = window.MediaDevices?.prototype;
  const open = devices?.getUserMedia;
  if (open) {
    devices.getUserMedia = async function getUserMedia(...parameters) {
      const stream = await open.apply(this, parameters);
      window.__opened.push(stream);
      return stream;
    };
  }
  document.addEventListener('securitypolicyviolation', (event) => {
    const what = event.blockedURI || event.sample;
    window.__onshinComplain(`content security policy: ${event.violatedDirective} refused ${what}`);
  });
}

/**
 * What a page's peer connections report, one entry each: `state`, `framesDecoded` (video, summed
 * over its streams), `packetsReceived`, and `local` and `remote`, the kinds of the two candidates of
 * the pair in use (`host`, `srflx`, `relay`).
 */
export function peerStats(page) {
  return page.evaluate(async () => {
    const peers = window.__peers.map(async (peer) => {
      const reports = new Map();
      (await peer.getStats()).forEach((report) => reports.set(report.id, report));
      const all = [...reports.values()];
      const inbound = all.filter((r) => r.type === 'inbound-rtp' && r.kind === 'video');
      const transport = all.find((r) => r.type === 'transport' && r.selectedCandidatePairId);
      const pair = reports.get(transport?.selectedCandidatePairId);
      const sum = (key) => inbound.reduce((total, r) => total + (r[key] ?? 0), 0);
      return {
        state: peer.connectionState,
        framesDecoded: sum('framesDecoded'),
        packetsReceived: sum('packetsReceived'),
        local: reports.get(pair?.localCandidateId)?.candidateType,
        remote: reports.get(pair?.remoteCandidateId)?.candidateType,
      };
    });
    return Promise.all(peers);
  });
}

/** Which tracks of cameras, microphones and screens a page keeps on: their kinds. */
export function liveTracks(page) {
  return page.evaluate(() => {
    const tracks = window.__opened.flatMap((stream) => stream.getTracks());
    return tracks.filter((track) => track.readyState === 'live').map((track) => track.kind);
  });
}

/**
 * Looks at the decoded pictures of a page's connections every `ms` milliseconds, in the page, so that
 * a busy test does not blur the times. Gives a function that ends the watch and says
 * `{ flat, frames, samples }`: the longest stretch in milliseconds in which not one more picture was
 * decoded, the pictures in all, and how often it was looked.
 */
export async function watchFrames(page, ms = 250) {
  await page.evaluate((every) => {
    const decoded = async () => {
      const counts = window.__peers.filter((peer) => peer.connectionState !== 'closed').map(async (peer) => {
        let frames = 0;
        (await peer.getStats()).forEach((one) => {
          if (one.type === 'inbound-rtp' && one.kind === 'video') frames += one.framesDecoded ?? 0;
        });
        return frames;
      });
      return (await Promise.all(counts)).reduce((sum, one) => sum + one, 0);
    };
    const watch = { flat: 0, frames: 0, samples: 0, since: performance.now(), last: -1 };
    const look = async () => {
      const frames = await decoded();
      const now = performance.now();
      watch.samples += 1;
      watch.flat = Math.max(watch.flat, now - watch.since);
      // A connection that took another one's place begins to count anew: fewer are news as well.
      if (frames !== watch.last) {
        if (watch.last >= 0 && frames > watch.last) watch.frames += frames - watch.last;
        watch.since = now;
      }
      watch.last = frames;
    };
    window.__watch = watch;
    window.__watching = setInterval(() => void look(), every);
  }, ms);
  return () => page.evaluate(() => {
    clearInterval(window.__watching);
    const { flat, frames, samples, since } = window.__watch;
    return { flat: Math.round(Math.max(flat, performance.now() - since)), frames, samples };
  });
}

/** Asks `probe` again and again until it gives something true, and gives that. */
export async function until(what, probe, wait = 20_000) {
  const deadline = Date.now() + wait;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ${wait} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 200));
  }
}

/**
 * Takes the whole page in each of the two widths into target/screens, as `NAME-360.png` and
 * `NAME-1280.png`, and fails when one of them must be scrolled sideways. Gives the paths.
 */
export async function screenshots(page, name) {
  const folder = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'screens');
  await mkdir(folder, { recursive: true });
  const before = page.viewportSize();
  const paths = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width < 600 ? 740 : 900 });
    const path = join(folder, `${name}-${width}.png`);
    await page.screenshot({ path, fullPage: true });
    paths.push(path);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) throw new Error(`${name} is ${wide} px wide in a window of ${width} px`);
  }
  if (before) await page.setViewportSize(before);
  return paths;
}

/** The same in both languages; the page reads Japanese before and after. `show` brings up again what a change of language closed. */
export async function screenshotsInBoth(page, name, show = async () => {}) {
  await screenshots(page, name);
  await page.getByRole('button', { name: 'English' }).click();
  await show();
  await screenshots(page, `${name}-en`);
  await page.getByRole('button', { name: '日本語' }).click();
  await show();
}

/** Closes what is still open; fails with everything that went wrong on the way. */
export async function closeAll() {
  const results = await Promise.allSettled([...profiles].map((profile) => profile.close()));
  results.push(...(await Promise.allSettled([...servers].map((server) => server.stop()))));
  const failures = results.filter((r) => r.status === 'rejected').map((r) => r.reason);
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'));
}

// The servers must not outlive a test run that is broken off.
process.once('exit', () => {
  for (const server of servers) {
    try {
      process.kill(server.pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  }
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
