// A call between people in browsers of their own: how they come into it, and what is asked of it.

import assert from 'node:assert/strict';

import { CAST, channels, colorGap, colorOf, whoseColor } from './fakes.mjs';
import { liveTracks, openProfile, peerStats, until } from './harness.mjs';
import { bookFirstTime, enterWaitingRoom, press, signIn } from './people.mjs';

/** The picture of oneself. */
export const SELF = '.tile-self video';

/** The picture of another person, by the part they have in the visit. */
export const tile = (role) => `.tile[data-role="${role}"] video`;

/** The one peer connection of a page that carries the visit; undefined while there is none. */
export async function connected(page) {
  const stats = await peerStats(page);
  return stats.find((peer) => peer.framesDecoded > 0 && peer.state === 'connected');
}

/**
 * A patient with a booking and the doctor of the demo, both in the call of her visit. Each has the
 * camera and the microphone of the same name in `CAST`. `patient` and `doctor` are further options of
 * the two profiles. Gives `{ patient, doctor, booking }`.
 */
export async function meet(server, { patient: hers = {}, doctor: his = {}, name = '音無 花', kana = 'オトナシ ハナ' } = {}) {
  const patient = await openProfile({ name: 'patient', camera: CAST.patient, ...hers });
  const doctor = await openProfile({ name: 'doctor', camera: CAST.doctor, ...his });
  const booking = await bookFirstTime(patient.page, server.url, { name, kana });
  await enterWaitingRoom(patient.page, booking.link);
  await signIn(doctor.page, server.url, 'doctor');
  await doctor.page.goto(`${server.url}/staff/visit/${booking.id}`);
  await doctor.page.getByRole('button', { name: '呼ぶ' }).click({ timeout: 30_000 });
  for (const { page } of [patient, doctor]) await until('pictures arrive', () => connected(page), 30_000);
  return { patient, doctor, booking };
}

/**
 * A third person in a browser of their own, with the link that the doctor made for them, as far as the waiting room.
 * `role` is the part as the doctor's page names it, `camera` what their browser has.
 */
export async function invite(doctor, { name, role = '通訳', camera }) {
  await doctor.getByText('招待する', { exact: true }).click();
  await doctor.getByLabel('役割').selectOption({ label: role });
  await doctor.getByLabel('お名前（患者さんに見えます）').fill(name);
  await press(doctor, 'リンクを作る');
  const link = await until('the link is shown', async () => {
    const text = await doctor.locator('code.invitation').allInnerTexts();
    return text.find((one) => one.includes('/visit'));
  });
  const guest = await openProfile({ name: 'guest', camera });
  await guest.page.goto(link.trim());
  await press(guest.page, '待合室に入る');
  return guest;
}

/** Lets the third person in who waits, with the patient's consent. */
export async function admitThird(patient, doctor) {
  await doctor.getByRole('button', { name: '患者さんに聞いて入れる' }).click({ timeout: 30_000 });
  await press(patient, 'はい、入ってよい');
}

/** That the tile shows the camera of `who`; waits until it shows anybody's. */
export async function shows(page, tile, who) {
  const found = await until(`${tile} shows a picture of somebody`, async () => whoseColor((await colorOf(page, tile)) ?? [0, 0, 0]));
  assert.equal(found, who, `${tile} shows the camera of`);
}

/** That camera, microphone and screen of a page are off, which had been on. */
export async function dark(page) {
  assert.ok((await page.evaluate(() => window.__opened.length)) > 0, 'nothing had been on');
  await until('camera, microphone and screen are off', async () => (await liveTracks(page)).length === 0, 5_000);
}

/** That everything a page opened towards others is closed again, and whatever could see or hear is off. */
export async function putAway(page) {
  await until('every connection is closed', async () => (await peerStats(page)).every((peer) => peer.state === 'closed'));
  await dark(page);
}

/** The colour of the window that is shown: of nobody in the call. */
const ORANGE = '#ff8000';

/** From now on the page's person shows an orange window when asked for one: a browser with a fake camera has none. */
export const chooseWindow = (page) => page.evaluate((color) => {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    const context = canvas.getContext('2d');
    setInterval(() => {
      context.fillStyle = color;
      context.fillRect(0, 0, 640, 360);
      context.fillStyle = '#000';
      context.fillRect(Math.random() * 600, 0, 20, 20);
    }, 200);
    const stream = canvas.captureStream(5);
    window.__opened.push(stream);
    return stream;
  };
}, ORANGE);

/** The screen that somebody shows, by the part they have in the visit. */
export const screen = (role) => `.tile[data-screen="${role}"] video`;

/** Waits until the window that somebody shows is seen. */
export const seesWindow = (page, role) => until(`the window of the ${role} is seen`, async () => {
  if ((await page.locator(screen(role)).count()) === 0) return false;
  const found = await colorOf(page, screen(role));
  return found && colorGap(found, channels(ORANGE)) < 60;
});

/** What `writer` writes along is read by `reader` while it is written, and when it is done or given up. */
export async function captions(writer, reader) {
  await press(writer, '字幕を書く');
  await writer.getByLabel(/^字幕を書く（/).pressSequentially('せきは', { delay: 250 });
  await reader.locator('.caption-interim').filter({ hasText: 'せきは' }).waitFor();
  await writer.getByLabel(/^字幕を書く（/).fill('せきは いつからですか');
  await press(writer, '出す');
  await reader.locator('.captions [aria-live] p').filter({ hasText: 'せきは いつからですか' }).waitFor();
  assert.equal(await reader.locator('.caption-interim').count(), 0);
  // Whoever stops in the middle of a line leaves none that is being written for ever.
  await writer.getByLabel(/^字幕を書く（/).fill('ねつは');
  await reader.locator('.caption-interim').filter({ hasText: 'ねつは' }).waitFor();
  await press(writer, '字幕を書く');
  await reader.locator('.captions [aria-live] p').filter({ hasText: 'ねつは' }).waitFor();
  await reader.locator('.caption-interim').waitFor({ state: 'detached' });
}
