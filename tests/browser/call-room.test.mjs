// Three people: a third one comes in by the patient's yes, and all go through the server's room
// without the two ever losing sight of each other; twenty seconds after the third one left they are
// on their own again. And the server that is stopped and started anew in the middle of it.
// Whoever only looks on: tests/browser/call-observer.test.mjs.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { admitThird, captions, chooseWindow, invite, meet, putAway, screen, seesWindow, shows, tile } from './call.mjs';
import { CAST, toneOf } from './fakes.mjs';
import { closeAll, peerStats, screenshots, startServer, until, watchFrames, withPostgres } from './harness.mjs';
import { press } from './people.mjs';

after(closeAll);

/** How long no new picture may come, in milliseconds. */
const FLAT_MOST = 1000;
/** How long the room may take to stand again after the server is ready. */
const AGAIN_MOST = 5000;

/** The open connections of a page that carry pictures. */
const open = async (page) => (await peerStats(page)).filter(({ state }) => state !== 'closed');

/** Everybody sees and hears the right two others. */
async function seeEachOther(pages) {
  const roles = { patient: 'patient', doctor: 'clinician', interpreter: 'interpreter' };
  for (const [who, page] of Object.entries(pages)) {
    for (const other of Object.keys(pages).filter((one) => one !== who)) {
      await shows(page, tile(roles[other]), other);
      const hertz = await until(`${who} hears the ${other}`, () => toneOf(page, tile(roles[other])));
      assert.ok(Math.abs(hertz - CAST[other].tone) < 30, `${who} hears ${hertz} of the ${other}`);
    }
  }
}

/** The doctor shows a window to both others, beside the faces. */
async function showsWindow({ patient, doctor, interpreter }) {
  await chooseWindow(doctor);
  await press(doctor, '画面を見せる');
  for (const page of [patient, interpreter]) {
    await seesWindow(page, 'clinician');
    await shows(page, tile('clinician'), 'doctor');
  }
  await press(doctor, '画面を見せるのをやめる');
  for (const page of [patient, interpreter]) await page.locator(screen('clinician')).waitFor({ state: 'detached' });
}

async function three(server) {
  const { patient, doctor } = await meet(server);
  const interpreter = await invite(doctor.page, { name: '通訳 めぐみ', camera: CAST.interpreter });
  return { patient, doctor, interpreter };
}

const pagesOf = ({ patient, doctor, interpreter }) => ({ patient: patient.page, doctor: doctor.page, interpreter: interpreter.page });

test('a third one comes and goes, and nobody loses sight of anybody', { timeout: 240_000 }, async () => {
  const server = await startServer();
  const people = await three(server);
  const pages = pagesOf(people);
  const two = [pages.patient, pages.doctor];

  const coming = await Promise.all(two.map((page) => watchFrames(page)));
  await admitThird(pages.patient, pages.doctor);
  await seeEachOther(pages);
  // The direct connection is closed once everybody has pictures, at the latest after eight seconds.
  for (const page of Object.values(pages)) {
    await until('one connection is left', async () => (await open(page)).length === 1, 15_000);
  }
  for (const end of coming) {
    const seen = await end();
    console.log(`# the third came: ${JSON.stringify(seen)}`);
    assert.ok(seen.flat <= FLAT_MOST, `no new picture for ${seen.flat} ms`);
  }
  await captions(pages.interpreter, pages.patient);
  await showsWindow(pages);
  await screenshots(pages.patient, 'call-room-patient');
  await screenshots(pages.interpreter, 'call-room-interpreter');
  await screenshots(pages.doctor, 'call-room-doctor');

  await press(pages.interpreter, '終わる');
  await press(pages.interpreter, 'はい、終わる');
  const going = await Promise.all(two.map((page) => watchFrames(page)));
  await pages.doctor.locator('.tile[data-role="interpreter"]').waitFor({ state: 'detached' });
  const built = await pages.doctor.evaluate(() => window.__peers.length);
  await new Promise((done) => setTimeout(done, 10_000));
  assert.equal(await pages.doctor.evaluate(() => window.__peers.length), built, 'they stay in the room for a while');
  await until('a direct connection', async () => (await pages.doctor.evaluate(() => window.__peers.length)) > built, 20_000);
  await new Promise((done) => setTimeout(done, 10_000));
  for (const [at, end] of going.entries()) {
    const seen = await end();
    console.log(`# back to two: ${JSON.stringify(seen)}`);
    assert.ok(seen.flat <= FLAT_MOST, `no new picture for ${seen.flat} ms`);
    assert.equal((await open(two[at])).length, 1);
  }
  await shows(pages.patient, tile('clinician'), 'doctor');
  await shows(pages.doctor, tile('patient'), 'patient');

  await press(pages.doctor, '終わる');
  await press(pages.doctor, 'はい、終わる');
  await pages.patient.getByRole('heading', { level: 1, name: '診察が終わりました' }).waitFor();
  for (const page of Object.values(pages)) await putAway(page);
  await Promise.all(Object.values(people).map((profile) => profile.close()));
  assert.doesNotMatch(server.log(), /音無 花|オトナシ|めぐみ|090-?1234/, 'personal data in the log');
  await server.stop();
});

async function standsAgain(env) {
  const server = await startServer({ env });
  const people = await three(server);
  const pages = pagesOf(people);
  await admitThird(pages.patient, pages.doctor);
  await seeEachOther(pages);
  const all = Object.values(pages);
  for (const page of all) await until('one connection is left', async () => (await open(page)).length === 1, 15_000);
  const before = await Promise.all(all.map((page) => page.evaluate(() => window.__peers.length)));

  await server.again();
  const ready = Date.now();
  // Both others are seen on a connection that was built since.
  const seen = (page, built) => page.evaluate(async (from) => {
    for (const peer of window.__peers.slice(from).filter((one) => one.connectionState === 'connected')) {
      const reports = [...(await peer.getStats()).values()];
      if (reports.filter((one) => one.type === 'inbound-rtp' && one.kind === 'video' && one.framesDecoded > 0).length >= 2) return true;
    }
    return false;
  }, built);
  await Promise.all(all.map((page, at) => until('pictures after the restart', () => seen(page, before[at]), 20_000)));
  const took = Date.now() - ready;
  console.log(`# the room stands again ${took} ms after readiness`);
  assert.ok(took <= AGAIN_MOST, `after ${took} ms`);
  await seeEachOther(pages);

  await press(pages.doctor, '終わる');
  await press(pages.doctor, 'はい、終わる');
  await pages.patient.getByRole('heading', { level: 1, name: '診察が終わりました' }).waitFor();
  for (const page of all) await putAway(page);
  await Promise.all(Object.values(people).map((profile) => profile.close()));
  await server.stop();
}

test('the room stands again after the server was stopped and started', { timeout: 240_000 }, () => standsAgain({}));

test('and so it does where the rows are in PostgreSQL', { timeout: 300_000 }, () =>
  withPostgres((database) => standsAgain({ ONSHIN_DATABASE: database })));
