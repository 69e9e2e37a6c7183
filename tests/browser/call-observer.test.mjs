// Whoever only looks on: comes in by the patient's yes like every third person, sees, hears and reads
// the others, and nothing of theirs reaches anybody, even from a page that sends what it should not.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { assertAccessible, assertLargeText } from './accessible.mjs';
import { admitThird, invite, meet, putAway, shows, tile } from './call.mjs';
import { CAST, colorOf, toneOf, whoseColor } from './fakes.mjs';
import { closeAll, peerStats, screenshotsInBoth, startServer, until } from './harness.mjs';
import { press } from './people.mjs';

after(closeAll);

/** The observer's browser has a camera and a microphone, of which the page makes no use. */
const WHO = 'specialist';
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** That a page hears the voice of `who` in their tile. */
async function hears(page, role, who) {
  const hertz = await until(`the ${who} is heard`, () => toneOf(page, tile(role)));
  assert.ok(Math.abs(hertz - CAST[who].tone) < 30, `${hertz} Hz in the tile of the ${who}`);
}

/**
 * Sends the picture and the voice of this page's camera and microphone over its connection, as a page
 * that was tampered with would, and says that they are on.
 */
const sendAnyway = (page) => page.evaluate(async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const peer = window.__peers.findLast((one) => one.connectionState === 'connected');
  const free = (kind) => peer.getTransceivers().find((one) => one.direction === 'sendonly' && one.receiver.track.kind === kind);
  for (const track of stream.getTracks()) await free(track.kind).sender.replaceTrack(track);
});

/** How many packets a page has sent of each kind. */
const sent = (page) => page.evaluate(async () => {
  const packets = { audio: 0, video: 0 };
  for (const peer of window.__peers.filter((one) => one.connectionState === 'connected')) {
    (await peer.getStats()).forEach((one) => {
      if (one.type === 'outbound-rtp') packets[one.kind] += one.packetsSent;
    });
  }
  return packets;
});

/**
 * Plays every track that a page could receive, shown on it or not, in elements of its own; gives their
 * selectors by kind. What is decoded there is all that anybody's page gets.
 */
const playEverything = (page) => page.evaluate(() => {
  const found = { audio: [], video: [] };
  document.querySelectorAll('[data-probe]').forEach((one) => one.remove());
  for (const peer of window.__peers.filter((one) => one.connectionState === 'connected')) {
    for (const { track } of peer.getReceivers()) {
      const video = Object.assign(document.createElement('video'), { muted: true });
      video.srcObject = new MediaStream([track]);
      video.dataset.probe = `${track.kind}-${found[track.kind].length}`;
      // A browser plays nothing that is out of sight.
      Object.assign(video.style, { position: 'fixed', top: 0, left: 0, width: '64px', height: '48px' });
      document.body.append(video);
      video.play().catch(() => undefined); // ended before it began: nothing came
      found[track.kind].push(`[data-probe="${video.dataset.probe}"]`);
    }
  }
  return found;
});

/** Whose pictures and whose voices arrive on a page, over all of its connections. */
async function received(page) {
  const { audio, video } = await playEverything(page);
  await pause(3_000);
  const people = new Set();
  for (const one of video) {
    const color = await colorOf(page, one);
    // A slot that is free shows black.
    if (color && Math.max(...color) > 16) people.add(whoseColor(color) ?? `somebody who is ${color}`);
  }
  const tones = await Promise.all(audio.map((one) => toneOf(page, one)));
  const whose = (hertz) => Object.keys(CAST).find((who) => Math.abs(CAST[who].tone - hertz) < 30) ?? `${hertz} Hz`;
  const voices = new Set(tones.filter((hertz) => hertz !== undefined).map(whose));
  await page.evaluate(() => { document.querySelectorAll('[data-probe]').forEach((one) => one.remove()); });
  return { pictures: [...people].sort(), voices: [...voices].sort() };
}

/** Says something over the page's own socket, past everything that the page would let one press. */
const saySocket = (page, message) => page.evaluate((text) => { window.__sockets.at(-1).send(text); }, JSON.stringify(message));

test('an observer sees, hears and reads, and nothing of theirs reaches anybody', { timeout: 240_000 }, async () => {
  const server = await startServer();
  const { patient, doctor, booking } = await meet(server);
  const observer = await invite(doctor.page, { name: '見学 学', role: '見学の方', camera: CAST[WHO] });
  await observer.page.getByRole('heading', { level: 1, name: '待合室' }).waitFor();

  // Not before the patient's yes, which is kept with the visit.
  await doctor.page.getByRole('button', { name: '患者さんに聞いて入れる' }).waitFor({ timeout: 30_000 });
  await pause(1_000);
  assert.deepEqual((await peerStats(observer.page)).filter(({ state }) => state !== 'closed'), [], 'who waits is connected to nobody');
  const people = () => doctor.page.evaluate(async (id) => (await (await fetch(`/api/clinic/visits/${id}/people`)).json()).items, booking.id);
  assert.equal((await people())[0].consent ?? null, null);
  await observer.page.evaluate(() => {
    window.__sockets = [];
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (...parameters) {
      if (!window.__sockets.includes(this)) window.__sockets.push(this);
      return send.apply(this, parameters);
    };
  });
  await admitThird(patient.page, doctor.page);
  await observer.page.getByRole('heading', { level: 1, name: '診察', exact: true }).waitFor();
  const [listed] = await people();
  assert.deepEqual([listed.role, listed.state, listed.consent.answer], ['observer', 'inside', 'yes']);

  // Sees and hears both, and has no button that would make them seen, heard or read.
  for (const [role, who] of [['patient', 'patient'], ['clinician', 'doctor']]) {
    await shows(observer.page, tile(role), who);
    await hears(observer.page, role, who);
  }
  assert.equal(await observer.page.evaluate(() => window.__opened.length), 0, 'no camera was asked for');
  assert.equal(await observer.page.locator('.tile-self').count(), 0);
  for (const name of [/^マイク/, /^カメラ/, /画面を見せる/, /字幕/]) {
    assert.equal(await observer.page.getByRole('button', { name }).count(), 0, `a button ${name}`);
  }
  await press(patient.page, '文字で話す');
  await patient.page.getByLabel('文字で伝える（保存されません）').fill('きこえますか');
  await patient.page.keyboard.press('Enter');
  await observer.page.getByRole('button', { name: '文字を読む 新着 1' }).click();
  await observer.page.getByRole('listitem').filter({ hasText: 'きこえますか' }).waitFor();
  assert.equal(await observer.page.getByRole('textbox').count(), 0, 'nothing to write into');
  await assertAccessible(observer.page, 'the page of an observer');
  await assertLargeText(observer.page, 'the page of an observer');
  await screenshotsInBoth(observer.page, 'call-observer');

  // The others see that somebody looks on, and who.
  for (const { page } of [patient, doctor]) {
    await page.getByText('ほかに入っている人: 見学 学（見学の方）').waitFor();
    assert.equal(await page.locator('.tile[data-role="observer"]').count(), 0);
  }

  // A page that was tampered with sends all the same, and writes.
  await sendAnyway(observer.page);
  const before = await sent(observer.page);
  await until('the observer’s page sends', async () => {
    const now = await sent(observer.page);
    return now.audio > before.audio + 50 && now.video > before.video + 50;
  });
  await saySocket(observer.page, { t: 'state', audio: true, video: true, screen: true });
  await saySocket(observer.page, { t: 'chat', text: 'みていますよ', client_id: 'x' });
  await saySocket(observer.page, { t: 'caption', text: 'みていますよ', lang: 'ja', final: true });
  assert.deepEqual(await received(patient.page), { pictures: ['doctor'], voices: ['doctor'] });
  assert.deepEqual(await received(doctor.page), { pictures: ['patient'], voices: ['patient'] });
  assert.deepEqual(await received(observer.page), { pictures: ['doctor', 'patient'], voices: ['doctor', 'patient'] });
  for (const { page } of [patient, doctor]) {
    assert.equal(await page.getByText('みていますよ').count(), 0, 'nobody reads what an observer writes');
    assert.equal(await page.locator('.tile[data-role="observer"], [data-screen="observer"]').count(), 0);
  }
  // What the patient wrote is the only line that there is.
  assert.equal(await patient.page.getByRole('listitem').filter({ hasText: /./ }).count(), 1);
  await doctor.page.getByRole('button', { name: '文字で話す 新着 1' }).waitFor();

  await press(doctor.page, '終わる');
  await press(doctor.page, 'はい、終わる');
  await observer.page.getByRole('heading', { level: 1, name: '診察が終わりました' }).waitFor();
  for (const { page } of [patient, doctor]) await putAway(page);
  await until('the observer is connected to nobody', async () => (await peerStats(observer.page)).every(({ state }) => state === 'closed'));
  await Promise.all([patient, doctor, observer].map((profile) => profile.close()));
  assert.doesNotMatch(server.log(), /見学 学|音無 花|みていますよ/, 'personal data in the log');
  await server.stop();
});
