// The whole day of a visit, with two separate browsers and fake cameras: book, wait, admit, see and
// hear each other, hang up, close.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { connected, SELF, shows, tile } from './call.mjs';
import { CAST } from './fakes.mjs';
import { closeAll, openProfile, screenshots, startServer, until } from './harness.mjs';
import { bookFirstTime, closeVisit, enterWaitingRoom, press, signIn } from './people.mjs';

after(closeAll);

/** That pictures are decoded on both sides, at every one of so many seconds. */
async function seeEachOther(pages, seconds = 10) {
  for (const page of pages) await until('pictures arrive', () => connected(page), 30_000);
  let before = await Promise.all(pages.map(async (page) => (await connected(page)).framesDecoded));
  for (let second = 1; second <= seconds; second += 1) {
    await new Promise((done) => setTimeout(done, 1000));
    const now = await Promise.all(pages.map(async (page) => (await connected(page)).framesDecoded));
    now.forEach((frames, side) =>
      assert.ok(frames >= before[side] + 3, `side ${side}, second ${second}: ${before[side]} then ${frames} frames`),
    );
    before = now;
  }
  return before;
}

/** The patient's page is loaded anew: the place in the waiting room stays hers. */
async function reloadWhileWaiting(page, doctor) {
  const waiting = () => doctor.page.evaluate(async () =>
    (await (await fetch('/api/clinic/visits')).json()).items.map((item) => item.waiting_since));
  const before = await waiting();
  await page.reload();
  await page.getByRole('heading', { level: 1, name: '待合室' }).waitFor();
  await page.getByText('次はあなたの番です').waitFor();
  assert.ok(before[0]);
  assert.deepEqual(await waiting(), before, 'she waits since when she came');
}

/** Loaded anew in the middle of the call, the page is back in it without being admitted again. */
async function reloadInCall(page, doctor) {
  await page.reload();
  await until('the call is back', () => connected(page), 30_000);
  await seeEachOther([page, doctor.page], 4);
  assert.equal(await doctor.page.getByRole('button', { name: '呼ぶ' }).count(), 0);
}

/** The whole day; gives which kinds of candidates the call used on both sides. */
async function day(server, prefix, look, { reloads = false } = {}) {
  const patient = await openProfile({ name: 'patient', camera: true });
  const doctor = await openProfile({ name: 'doctor', camera: CAST.doctor });
  const at = (page, name) => look(page, `${prefix}-${name}`);
  const booking = await bookFirstTime(patient.page, server.url, {
    name: '音無 花', kana: 'オトナシ ハナ', look: (name) => at(patient.page, `patient-${name}`),
  });
  assert.match(booking.number, /[0-9A-Z]{4}/);

  // The day of the visit, on another telephone: nothing but the link and the birth date.
  const telephone = await openProfile({ name: 'telephone', camera: CAST.patient });
  await enterWaitingRoom(telephone.page, booking.link, { look: (name) => at(telephone.page, `patient-${name}`) });

  await signIn(doctor.page, server.url, 'doctor');
  const row = doctor.page.getByRole('row', { name: /音無 花/ });
  await row.waitFor();
  if (reloads) await reloadWhileWaiting(telephone.page, doctor);
  await at(doctor.page, 'clinic-today');
  await row.getByRole('link', { name: '音無 花 さんの診察へ' }).click();
  await doctor.page.getByRole('button', { name: '呼ぶ' }).waitFor({ timeout: 20_000 });
  await at(doctor.page, 'clinic-waiting');
  await doctor.page.getByRole('button', { name: '呼ぶ' }).click();

  const pages = [telephone.page, doctor.page];
  const frames = await seeEachOther(pages);
  await shows(telephone.page, tile('clinician'), 'doctor');
  await shows(doctor.page, tile('patient'), 'patient');
  await shows(doctor.page, SELF, 'doctor');
  const ways = await Promise.all(pages.map(connected));
  if (reloads) await reloadInCall(telephone.page, doctor);
  await at(telephone.page, 'patient-call');
  await at(doctor.page, 'clinic-call');

  await press(doctor.page, '終わる');
  await press(doctor.page, 'はい、終わる');
  await telephone.page.getByRole('heading', { level: 1, name: '診察が終わりました' }).waitFor();
  await at(telephone.page, 'patient-end');
  await closeVisit(doctor.page, { look: (name) => at(doctor.page, `clinic-${name}`) });
  const answer = await doctor.page.evaluate(async () => (await fetch('/api/clinic/visits')).json());
  assert.deepEqual(answer.items.map((item) => [item.booking.status, item.outcome]), [['fulfilled', 'done']]);
  assert.ok(frames.every((count) => count > 50), `${frames}`);
  await Promise.all([patient, telephone, doctor].map((profile) => profile.close()));
  assert.doesNotMatch(server.log(), /音無 花|オトナシ|せきが|090-?1234/, 'personal data in the log');
  return ways.map((way) => [way.local, way.remote]);
}

test('two people meet directly', { timeout: 180_000 }, async () => {
  const server = await startServer();
  const ways = await day(server, 'direct', screenshots, { reloads: true });
  for (const kinds of ways) assert.ok(!kinds.includes('relay'), `${kinds}`);
  await server.stop();
});

test('two people meet through the relay', { timeout: 180_000 }, async () => {
  const server = await startServer({ env: { ONSHIN_ICE_POLICY: 'relay' } });
  const ways = await day(server, 'relay', async () => {});
  assert.deepEqual(ways, [['relay', 'relay'], ['relay', 'relay']]);
  await server.stop();
});
