// A visit that outlives the server: the process is killed in the middle of it and started again ten
// seconds later, and picture and sound go on as if nothing had been. And who comes with a second page
// or a second device: the newest counts, and the older one does not come back by itself.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { dark } from './call.mjs';
import { closeAll, openProfile, peerStats, startServer, until, watchFrames, withPostgres } from './harness.mjs';
import { bookFirstTime, enterVisit, enterWaitingRoom, press, signIn } from './people.mjs';

after(closeAll);

/** How long no new picture may come, in milliseconds. */
const FLAT_MOST = 1000;

/** Whether pictures arrive on a page. */
const sees = async (page) => (await peerStats(page)).some((peer) => peer.framesDecoded > 0 && peer.state === 'connected');

/** Patient and doctor in a visit that goes on. */
async function meet(server, name = '音無 花') {
  const patient = await openProfile({ name: 'patient', camera: true });
  const doctor = await openProfile({ name: 'doctor', camera: true });
  const booking = await bookFirstTime(patient.page, server.url, { name, kana: 'オトナシ ハナ' });
  await enterWaitingRoom(patient.page, booking.link);
  await signIn(doctor.page, server.url, 'doctor');
  await doctor.page.getByRole('link', { name: `${name} さんの診察へ` }).click();
  await doctor.page.getByRole('button', { name: '呼ぶ' }).click({ timeout: 20_000 });
  for (const { page } of [patient, doctor]) await until('pictures arrive', () => sees(page), 30_000);
  return { patient, doctor, booking };
}

/** What would change if a connection were built anew: both fingerprints, and how many there are. */
const identity = (page) => page.evaluate(() => {
  const open = window.__peers.filter((peer) => peer.connectionState !== 'closed');
  const marks = (text) => text?.match(/a=fingerprint:.*/g) ?? [];
  const of = (peer) => [...marks(peer.localDescription?.sdp), ...marks(peer.remoteDescription?.sdp)];
  return { built: window.__peers.length, open: open.map((peer) => [...new Set(of(peer))]) };
});

/** Notes every message that the page's next sockets are sent, and when: kinds only. */
const watchSockets = (page) => page.evaluate(() => {
  window.__heard = [];
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...parameters) {
      super(...parameters);
      this.addEventListener('message', ({ data }) => {
        const { t, snapshot, continuity } = JSON.parse(data);
        window.__heard.push({ t, at: Date.now(), admission: snapshot?.admission, mode: snapshot?.topology?.mode, continuity });
      });
    }
  };
});

/** The first message after which a page is in the visit again. */
const back = async (page) => {
  const heard = await page.evaluate(() => window.__heard);
  return heard.find(({ t }) => t === 'welcome' || t === 'resumed');
};

async function survives(env) {
  const server = await startServer({ env });
  const { patient, doctor } = await meet(server);
  const pages = [patient.page, doctor.page];
  for (const page of pages) await watchSockets(page);
  const before = await Promise.all(pages.map(identity));
  assert.ok(before.every(({ open }) => open.length === 1 && open[0].length >= 2), JSON.stringify(before));
  const watches = await Promise.all(pages.map((page) => watchFrames(page)));

  await new Promise((done) => setTimeout(done, 2000));
  await server.kill('SIGKILL');
  await new Promise((done) => setTimeout(done, 10_000));
  await server.again();
  const started = Date.now();
  for (const page of pages) await until('the page is in the visit again', () => back(page), 15_000);
  const took = Date.now() - started;
  // What a page that came first would have closed is closed by now.
  await new Promise((done) => setTimeout(done, 4000));

  const [seen, marks, first] = [
    await Promise.all(watches.map((end) => end())),
    await Promise.all(pages.map(identity)),
    await Promise.all(pages.map(back)),
  ];
  console.log(`# back ${took} ms after the start; ${JSON.stringify({ seen, first })}`);
  assert.ok(took <= 15_000, `back after ${took} ms`);
  for (const { flat, frames, samples } of seen) {
    assert.ok(samples >= 40, `${samples} samples`);
    assert.ok(flat <= FLAT_MOST, `no new picture for ${flat} ms`);
    assert.ok(frames > 100, `${frames} pictures`);
  }
  assert.deepEqual(marks, before, 'the connections are the same ones');
  assert.equal(await doctor.page.getByRole('button', { name: '呼ぶ' }).count(), 0, 'she is still admitted');

  // The visit goes on to its end with what it has.
  await press(doctor.page, '終わる');
  await press(doctor.page, 'はい、終わる');
  await patient.page.getByRole('heading', { level: 1, name: '診察が終わりました' }).waitFor();
  for (const page of pages) {
    const open = async () => (await identity(page)).open.length === 0;
    await until('every connection is closed', open, 10_000);
  }
  await Promise.all([patient, doctor].map((profile) => profile.close()));
  assert.doesNotMatch(server.log(), /音無 花|オトナシ|せきが|090-?1234/, 'personal data in the log');
  await server.stop();
}

test('picture and sound outlive the server', { timeout: 180_000 }, () => survives({}));

test('and so they do where the rows are in PostgreSQL', { timeout: 240_000 }, () =>
  withPostgres((database) => survives({ ONSHIN_DATABASE: database })));

test('the newest page counts, and the older one stays away', { timeout: 180_000 }, async () => {
  const server = await startServer();
  const { patient, doctor, booking } = await meet(server);

  // A second tab of the same browser, straight into the visit.
  const second = await patient.context.newPage();
  await second.goto(patient.page.url());
  await until('the second tab sees the doctor', () => sees(second), 40_000);
  await patient.page.getByText('ほかの画面で開いています').waitFor();

  // Another device, by the link.
  const device = await openProfile({ name: 'device', camera: true });
  await device.page.goto(booking.link);
  await enterVisit(device.page);
  await until('the device sees the doctor', () => sees(device.page), 40_000);
  await second.getByText('ほかの画面で開いています').waitFor();

  // No ping-pong: for ten seconds nobody takes the place back, and the doctor keeps the picture.
  const end = await watchFrames(doctor.page);
  await new Promise((done) => setTimeout(done, 10_000));
  const { frames } = await end();
  assert.ok(frames > 100, `${frames} pictures in ten seconds`);
  assert.equal(await sees(device.page), true);
  for (const page of [patient.page, second]) {
    assert.equal(await page.getByText('ほかの画面で開いています').count(), 1);
    assert.equal((await identity(page)).open.length, 0, 'the older pages hold no connection');
    await dark(page);
  }
  assert.equal(await doctor.page.getByRole('button', { name: '呼ぶ' }).count(), 0);
  await Promise.all([patient, device, doctor].map((profile) => profile.close()));
  await server.stop();
});
