// A call that has no other way than the relay of the server: the server is killed in the middle of it, and
// the call comes back with the server.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { connected, meet, putAway, shows, tile } from './call.mjs';
import { closeAll, startServer, until } from './harness.mjs';

after(closeAll);

/** How long a call without any other way may stand still after its server has come back, in milliseconds. */
const BACK_MOST = 20_000;

/** Pictures decoded so far on all connections of a page. */
const counts = (page) =>
  page.evaluate(async () => {
    const sum = { frames: 0 };
    for (const peer of window.__peers.filter((one) => one.connectionState !== 'closed')) {
      (await peer.getStats()).forEach((one) => {
        if (one.type === 'inbound-rtp' && one.kind === 'video') sum.frames += one.framesDecoded ?? 0;
      });
    }
    return sum;
  });

/** Waits until ten more pictures are decoded; a connection that took another one's place counts anew. */
async function picturesAgain(page) {
  let { frames: least } = await counts(page);
  await until('pictures again', async () => {
    const { frames } = await counts(page);
    least = Math.min(least, frames);
    return frames >= least + 10;
  }, 60_000);
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

test('a call by the relay alone comes back when the server does', { timeout: 240_000 }, async () => {
  const server = await startServer({ env: { ONSHIN_ICE_POLICY: 'relay' } });
  const { patient, doctor } = await meet(server);
  const pages = [patient.page, doctor.page];
  await server.kill();
  await pause(10_000);
  const still = await Promise.all(pages.map(counts));
  await pause(1_000);
  const later = await Promise.all(pages.map(counts));
  assert.deepEqual(later.map(({ frames }) => frames), still.map(({ frames }) => frames), 'there was no other way');
  await server.again();
  const back = Date.now();
  await Promise.all(pages.map(picturesAgain));
  const took = Date.now() - back;
  console.log(`pictures on both sides ${took} ms after the server was ready`);
  assert.ok(took <= BACK_MOST, `${took} ms`);
  await shows(doctor.page, tile('patient'), 'patient');
  await shows(patient.page, tile('clinician'), 'doctor');
  for (const page of pages) {
    const { local, remote } = await connected(page);
    assert.deepEqual([local, remote], ['relay', 'relay']);
    await until('the notice is gone', async () => (await page.locator('.connection').innerText()) === '');
  }
  assert.equal(await doctor.page.getByRole('button', { name: '呼ぶ' }).count(), 0, 'nobody is called again');
  await doctor.page.getByRole('button', { name: '終わる' }).click();
  await doctor.page.getByRole('button', { name: 'はい、終わる' }).click();
  await patient.page.getByRole('heading', { level: 1, name: '診察が終わりました' }).waitFor();
  for (const page of pages) await putAway(page);
  await Promise.all([patient.close(), doctor.close()]);
  await server.stop();
});
