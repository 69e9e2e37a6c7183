// A call that has no other way than a relay that is bad: a tenth of the packets is lost, and the rest is
// late.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { connected, meet } from './call.mjs';
import { closeAll, startServer } from './harness.mjs';

after(closeAll);

/** What arrived so far on all connections of a page: packets of sound, those lost, how loud it was. */
const counts = (page) =>
  page.evaluate(async () => {
    const sum = { sound: 0, lost: 0, energy: 0 };
    for (const peer of window.__peers.filter((one) => one.connectionState !== 'closed')) {
      (await peer.getStats()).forEach((one) => {
        if (one.type !== 'inbound-rtp' || one.kind !== 'audio') return;
        sum.sound += one.packetsReceived ?? 0;
        sum.lost += one.packetsLost ?? 0;
        sum.energy += one.totalAudioEnergy ?? 0;
      });
    }
    return sum;
  });

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

test('a tenth of the packets is lost: the sound goes on, and a notice says why it is bad', { timeout: 180_000 }, async () => {
  const server = await startServer({ env: { ONSHIN_ICE_POLICY: 'relay', ONSHIN_TURN__IMPAIR: 'loss=10,delay=40' } });
  const { patient, doctor } = await meet(server);
  const pages = [patient.page, doctor.page];
  for (const page of pages) {
    const { local, remote } = await connected(page);
    assert.deepEqual([local, remote], ['relay', 'relay']);
    await page.locator('.connection').filter({ hasText: '回線が弱' }).waitFor({ timeout: 20_000 });
  }
  const first = await Promise.all(pages.map(counts));
  let before = first;
  for (let second = 1; second <= 10; second += 1) {
    await pause(1_000);
    const now = await Promise.all(pages.map(counts));
    now.forEach(({ sound, energy }, side) => {
      // Fifty packets a second are sent; what is less by more than loss and a busy machine explain is a hole.
      assert.ok(sound >= before[side].sound + 25, `second ${second}, side ${side}: ${sound - before[side].sound} packets of sound`);
      assert.ok(energy > before[side].energy, `second ${second}, side ${side}: silence`);
    });
    before = now;
  }
  before.forEach(({ sound, lost }, side) => {
    const [came, gone] = [sound - first[side].sound, lost - first[side].lost];
    console.log(`side ${side}: ${came} packets of sound came, ${gone} were lost`);
    assert.ok(gone > 0.03 * (came + gone), 'the network is as bad as it was meant to be');
  });
  await Promise.all([patient.close(), doctor.close()]);
  await server.stop();
});
