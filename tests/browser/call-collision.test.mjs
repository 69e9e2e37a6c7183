// Both sides look for another way in the same moment, so that their offers cross. Chromium does
// not survive that, so the connection is built anew: nobody goes silent.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { connected, meet, putAway, shows, tile } from './call.mjs';
import { CAST, toneOf } from './fakes.mjs';
import { closeAll, startServer, until } from './harness.mjs';
import { press } from './people.mjs';

after(closeAll);

/** Looks for another way, and holds back what the page would say of it. */
const hold = (page) => page.evaluate(() => {
  const native = window.WebSocket.prototype.send;
  const held = [];
  window.WebSocket.prototype.send = function send(text) {
    if (['sdp', 'ice'].includes(JSON.parse(text).t)) held.push(() => native.call(this, text));
    else native.call(this, text);
  };
  window.__release = () => {
    window.WebSocket.prototype.send = native;
    for (const one of held) one();
  };
  const peer = window.__peers.find((one) => one.connectionState === 'connected');
  window.__states = [];
  peer.addEventListener('signalingstatechange', () => window.__states.push(peer.signalingState));
  peer.restartIce();
});

const state = (page) => page.evaluate(() => window.__peers.find((one) => one.connectionState === 'connected')?.signalingState);

test('two offers that cross leave both seen and heard', { timeout: 180_000 }, async () => {
  const server = await startServer();
  const { patient, doctor } = await meet(server);
  const pages = [patient.page, doctor.page];
  await Promise.all(pages.map(hold));
  for (const page of pages) await until('an offer is open', async () => (await state(page)) === 'have-local-offer');
  await Promise.all(pages.map((page) => page.evaluate(() => window.__release())));
  const crossed = Date.now();
  for (const page of pages) {
    await until('one connection, and pictures on it', async () => {
      const { framesDecoded = 0 } = (await connected(page)) ?? {};
      return framesDecoded > 30 && (await page.evaluate(() => window.__peers.filter((one) => one.connectionState !== 'closed').length)) === 1;
    });
  }
  console.log(`# again ${Date.now() - crossed} ms after the offers crossed`);
  const states = await Promise.all(pages.map((page) => page.evaluate(() => window.__states)));
  const backed = states.filter((one) => one.includes('have-remote-offer'));
  assert.equal(backed.length, 1, `one side took its offer back: ${JSON.stringify(states)}`);

  for (const [page, role, who] of [[patient.page, 'clinician', 'doctor'], [doctor.page, 'patient', 'patient']]) {
    await shows(page, tile(role), who);
    const hertz = await until('a voice', () => toneOf(page, tile(role)));
    assert.ok(Math.abs(hertz - CAST[who].tone) < 30, `${hertz} of the ${who}`);
  }
  await press(doctor.page, '終わる');
  await press(doctor.page, 'はい、終わる');
  await patient.page.getByRole('heading', { level: 1, name: '診察が終わりました' }).waitFor();
  for (const page of pages) await putAway(page);
  await Promise.all([patient.close(), doctor.close()]);
  await server.stop();
});
