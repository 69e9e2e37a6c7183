// A telephone leaves its wireless network in the middle of a call: the pictures come back.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { meet, shows, tile } from './call.mjs';
import { closeAll, startServer, until } from './harness.mjs';
import { browserWithin, makeNets, PROXY, SERVER } from './nets.mjs';

after(closeAll);

/** What hands connections on; it must not outlive a test that failed. */
const children = new Set();
after(() => children.forEach((child) => child.kill()));

/** Within its networks this file runs a second time: the server has to be in one of them. */
const within = process.env.ONSHIN_NETS;

/** Pictures decoded so far, over all connections of a page. */
const decoded = (page) =>
  page.evaluate(async () => {
    let frames = 0;
    for (const peer of window.__peers.filter((one) => one.connectionState !== 'closed')) {
      (await peer.getStats()).forEach((one) => {
        if (one.type === 'inbound-rtp' && one.kind === 'video') frames += one.framesDecoded ?? 0;
      });
    }
    return frames;
  });

/** How long it takes, in milliseconds, until so many more pictures were decoded. */
async function untilPictures(page, more) {
  const begun = Date.now();
  const frames = await decoded(page);
  await until('pictures again', async () => (await decoded(page)) >= frames + more, 30_000);
  return Date.now() - begun;
}

/** Hands the connections of one network on to the server, until the process ends. */
async function proxy(prefix, port, from, to) {
  const [program, ...command] = [...prefix, process.execPath, '-e', PROXY, String(port), from, to];
  const child = spawn(program, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  await once(child.stdout, 'data');
}

/** In its networks: a server, and a call between a patient and a doctor who are in networks of their own. */
async function callWithin() {
  const [of, tag] = [(name) => `${within}-${name}`, within];
  assert.ok(tag);
  const server = await startServer({ env: { ONSHIN_MEDIA_IP: SERVER, ONSHIN_TURN__LISTEN: `${SERVER}:0` } });
  const port = new URL(server.url).port;
  await proxy([], port, SERVER, '127.0.0.1');
  const browsers = {};
  for (const name of ['pat', 'doc']) {
    await proxy(['ip', 'netns', 'exec', of(name)], port, '127.0.0.1', SERVER);
    browsers[name] = await browserWithin(of(name));
  }
  const people = await meet(server, { patient: { program: browsers.pat.path }, doctor: { program: browsers.doc.path } });
  const end = async () => {
    await Promise.all([people.patient.close(), people.doctor.close()]);
    await Promise.all(Object.values(browsers).map((browser) => browser.remove()));
    await server.stop();
  };
  return { ...people, server, of, end };
}

const ip = async (...command) => {
  const [status] = await once(spawn('ip', command, { stdio: 'inherit' }), 'exit');
  assert.equal(status, 0, `ip ${command.join(' ')}`);
};

const inner = { timeout: 240_000, skip: within ? false : 'runs within its networks' };

test('a telephone goes from one network to another', inner, async () => {
  const { patient, doctor, of, end } = await callWithin();
  await shows(patient.page, tile('clinician'), 'doctor');
  await ip('-n', of('pat'), 'link', 'set', 'wlan', 'down');
  // Frames that were on their way do not count: what comes after half a second is new.
  await new Promise((done) => setTimeout(done, 500));
  const took = await Promise.all([patient, doctor].map(({ page }) => untilPictures(page, 10)));
  console.log(`pictures again after ${took.map((ms) => ms + 500)} ms`);
  assert.ok(took.every((ms) => ms + 500 <= 5_000), `pictures again after ${took.map((ms) => ms + 500)} ms`);
  await shows(patient.page, tile('clinician'), 'doctor');
  await shows(doctor.page, tile('patient'), 'patient');
  for (const { page } of [patient, doctor]) {
    await page.locator('.connection-none').waitFor({ state: 'attached', timeout: 10_000 });
  }
  await end();
});

test('in networks of its own', { timeout: 480_000, skip: within ? 'runs outside' : false }, async () => {
  const nets = makeNets();
  try {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const file = fileURLToPath(import.meta.url);
    const child = spawn('ip', ['netns', 'exec', nets.of('srv'), process.execPath, file], {
      env: { ...env, ONSHIN_NETS: nets.of('srv').replace(/-srv$/, '') },
      stdio: 'inherit',
    });
    const [status] = await once(child, 'exit');
    assert.equal(status, 0);
  } finally {
    nets.remove();
  }
});
