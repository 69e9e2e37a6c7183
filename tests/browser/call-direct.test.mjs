// Two people, directly: each sees and hears the other, and not himself.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { assertAccessible, assertLargeText } from './accessible.mjs';
import { captions, connected, dark, meet, putAway, SELF, shows, tile } from './call.mjs';
import { CAST, toneOf } from './fakes.mjs';
import { closeAll, liveTracks, screenshots, screenshotsInBoth, startServer, until } from './harness.mjs';
import { press, tabTo } from './people.mjs';

after(closeAll);

/** That the voice in a tile is the one of `who`. */
async function hears(page, tile, who) {
  const hertz = await until(`${tile} sounds`, () => toneOf(page, tile));
  assert.ok(Math.abs(hertz - CAST[who].tone) < 30, `${tile} sounds at ${hertz}, not like the ${who}`);
}

/** Both screens show the same four words, and they belong to this connection's certificates. */
async function sameWords(patient, doctor) {
  const words = await Promise.all([patient, doctor].map((page) => page.locator('[data-safety]').innerText()));
  assert.equal(words[0], words[1]);
  assert.match(words[0], /^[ぁ-ゖー]+( [ぁ-ゖー]+){3}$/);
}

/** What the patient writes is read by the doctor, who is told that it is there. */
async function chat(patient, doctor) {
  await press(patient, '文字で話す');
  await patient.getByLabel('文字で伝える（保存されません）').fill('きこえますか');
  await patient.keyboard.press('Enter');
  await doctor.getByRole('button', { name: '文字で話す 新着 1' }).click();
  await doctor.getByRole('listitem').filter({ hasText: 'きこえますか' }).waitFor();
  await doctor.getByText('文字だけでは診察になりません').waitFor();
  await press(doctor, '文字で話す');
  await press(patient, '文字で話す');
}

/** A microphone that is off is said beside the picture, and is silent. */
async function microphoneOff(patient, doctor) {
  await press(patient, 'マイク 入');
  await doctor.locator('.tile[data-role="patient"]').getByText('マイク 切').waitFor();
  await until('the patient is silent', async () => (await toneOf(doctor, tile('patient'), 800)) === undefined);
  await press(patient, 'マイク 切');
  await doctor.locator('.tile[data-role="patient"]').getByText('マイク 切').waitFor({ state: 'detached' });
  await hears(doctor, tile('patient'), 'patient');
}

/** The doctor may ask for quiet; whether the microphone goes off is the patient's to say. */
async function askedForQuiet(patient, doctor) {
  const tiles = doctor.locator('.tile[data-role="patient"]');
  const ask = tiles.getByRole('button', { name: '消音を頼む' });
  const asked = patient.getByRole('alert').filter({ hasText: '医師から: マイクを切ってください' });
  await ask.click();
  await tiles.getByText('消音を頼みました').waitFor();
  await asked.waitFor();
  await assertAccessible(patient, 'the question for quiet');
  await screenshotsInBoth(patient, 'call-asked-for-quiet');
  await press(patient, 'このまま話す');
  await asked.waitFor({ state: 'detached' });
  await hears(doctor, tile('patient'), 'patient');
  await ask.click();
  await press(patient, 'マイクを切る');
  await tiles.getByText('マイク 切').waitFor();
  await until('the patient is silent', async () => (await toneOf(doctor, tile('patient'), 800)) === undefined);
  assert.equal(await ask.count(), 0, 'nobody is asked twice for the same');
  await press(patient, 'マイク 切');
  await ask.waitFor();
  assert.equal(await patient.getByRole('button', { name: '消音を頼む' }).count(), 0, 'that is the doctor’s to ask');
}

/** Each side says how its own line is, and how the other's is. */
async function lines(patient, doctor) {
  for (const [page, role] of [[patient, 'clinician'], [doctor, 'patient']]) {
    for (const of of [`.tile[data-role="${role}"]`, '.own-line']) {
      await page.locator(of).getByText(/回線: (良い|ふつう|悪い)/).waitFor({ timeout: 15_000 });
    }
  }
}

/** The screen of a call in both widths and languages, with large letters, judged, and worked by keyboard alone. */
async function looks(page, name) {
  await assertAccessible(page, `${name} in a call`);
  await assertLargeText(page, `${name} in a call`);
  await screenshots(page, `call-${name}`);
  await page.getByRole('navigation', { name: '言語' }).getByRole('button', { name: 'English' }).click();
  await page.getByRole('button', { name: /^Mic/ }).waitFor();
  await screenshots(page, `call-${name}-en`);
  await page.getByRole('navigation', { name: 'Language' }).getByRole('button', { name: '日本語' }).click();
  for (const way of ['切', '入']) {
    await tabTo(page, page.getByRole('button', { name: /^マイク/ }));
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: `マイク ${way}` }).waitFor();
  }
}

/** Who hangs up is neither seen nor heard, and may come back, still let in: with everything on again. */
async function leaveAndReturn(patient, doctor) {
  await press(patient, '終わる');
  await press(patient, 'はい、終わる');
  await patient.getByRole('heading', { level: 1, name: '通話を終わりました' }).waitFor();
  await dark(patient);
  await doctor.getByText('患者さんは今、通話を離れています').waitFor();
  assert.equal(await doctor.getByText('通話せずに').count(), 0, 'there was a call');
  await press(patient, 'もう一度入る');
  await patient.getByRole('heading', { level: 1, name: '診察', exact: true }).waitFor({ timeout: 20_000 });
  await shows(patient, tile('clinician'), 'doctor');
  await shows(doctor, tile('patient'), 'patient');
  await hears(doctor, tile('patient'), 'patient');
  assert.deepEqual((await liveTracks(patient)).sort(), ['audio', 'video'], 'one camera and one microphone');
}

test('each sees and hears the other', { timeout: 240_000 }, async () => {
  const server = await startServer();
  const { patient, doctor } = await meet(server);

  await shows(patient.page, tile('clinician'), 'doctor');
  await shows(patient.page, SELF, 'patient');
  await shows(doctor.page, tile('patient'), 'patient');
  await shows(doctor.page, SELF, 'doctor');
  await hears(patient.page, tile('clinician'), 'doctor');
  await hears(doctor.page, tile('patient'), 'patient');
  for (const { page } of [patient, doctor]) {
    const { local, remote } = await connected(page);
    assert.ok(local !== 'relay' && remote !== 'relay', `${local} to ${remote}`);
  }
  await sameWords(patient.page, doctor.page);
  await chat(patient.page, doctor.page);
  await microphoneOff(patient.page, doctor.page);
  await askedForQuiet(patient.page, doctor.page);
  await captions(doctor.page, patient.page);
  await lines(patient.page, doctor.page);
  await looks(patient.page, 'patient');
  await looks(doctor.page, 'doctor');

  await leaveAndReturn(patient.page, doctor.page);

  await press(doctor.page, '終わる');
  await press(doctor.page, 'はい、終わる');
  await patient.page.getByRole('heading', { level: 1, name: '診察が終わりました' }).waitFor();
  for (const { page } of [patient, doctor]) await putAway(page);
  await Promise.all([patient.close(), doctor.close()]);
  await server.stop();
});
