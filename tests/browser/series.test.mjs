// Visits that come again: a patient books the next ones, the desk a course; each sees and calls them off.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertAccessible, assertLargeText } from './accessible.mjs';
import { closeAll, openProfile, screenshots, startServer, until } from './harness.mjs';
import { bookFirstTime, press, signIn, tabTo } from './people.mjs';

const WEEK_MS = 7 * 86_400_000;

let server;
let patient;
let other;
let desk;
/** The booking from which the others follow. */
let first;

before(async () => {
  server = await startServer();
  patient = await openProfile({ name: 'patient' });
  other = await openProfile({ name: 'other' });
  desk = await openProfile({ name: 'desk', height: 1600 });
  await signIn(desk.page, server.url, 'desk');
  // Twelve times of a day are shown: within two days, so that four weeks later is not beyond the thirty days.
  const { id } = await bookFirstTime(patient.page, server.url, { name: '続木 春', kana: 'ツヅキ ハル', place: 14 });
  first = await ask(patient.page, `/api/bookings/${id}`);
});
after(closeAll);

const ask = (page, path) => page.evaluate(async (to) => (await fetch(to)).json(), path);
const afterWeeks = (count) => new Date(Date.parse(first.start) + count * WEEK_MS).toISOString();
const seconds = (instant) => Date.parse(instant) / 1000;
const visits = async () => (await ask(patient.page, `/api/bookings/${first.id}/series/visits`)).items;
const title = (page, text) => page.getByRole('heading', { level: 1, name: text });

/** Somebody else takes the time of so many weeks later. */
async function taken(weeks) {
  await other.page.goto(server.url);
  const answer = await other.page.evaluate(async (body) => {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() };
    return (await fetch('/api/bookings', { method: 'POST', headers, body: JSON.stringify(body) })).status;
  }, { facility_id: first.facility.id, service_id: first.service.id, start: afterWeeks(weeks), clinician_id: first.clinician.id });
  assert.equal(answer, 201);
}

test('a patient sees what is free of the next visits, takes a near time where it is not, and books them together', async () => {
  await taken(2);
  const { page } = patient;
  await page.goto(`${server.url}/bookings/${first.id}`);
  await press(page, '続きの予約を見る・取る', 'link');
  await title(page, '続きの予約').waitFor();
  await page.getByLabel('どのくらいの間をあけるか').selectOption({ label: '1 週間ごと' });
  await page.getByLabel('あと何回').selectOption({ label: '3 回' });
  await press(page, '空いているか見る');
  const found = page.getByRole('heading', { name: '3 回のうち 2 回は、同じ時刻が空いています' });
  await found.waitFor();
  assert.ok(await found.evaluate((node) => node === document.activeElement), 'what was found has the focus');
  const group = page.getByRole('group');
  assert.equal(await group.count(), 1, 'only the visit that is not free is a choice of times');
  assert.match(await group.innerText(), /。/);
  await screenshots(page, 'patient-series-choice');
  await assertAccessible(page, 'choice of a series');
  await assertLargeText(page, 'choice of a series');
  // Nothing chosen is said in the summary, which leads to the first visit.
  for (const box of await page.getByRole('checkbox').all()) await box.uncheck();
  await press(page, '選んだ 0 回を予約する');
  await page.locator('.error-summary').getByRole('link', { name: '予約する回を1つは選んでください' }).click();
  assert.equal(await page.evaluate(() => document.activeElement.type), 'checkbox');
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  await group.getByRole('radio').nth(1).check();
  await press(page, '選んだ 3 回を予約する');
  await page.getByText('3 件の予約を取りました').waitFor();
  const made = await visits();
  assert.equal(made.length, 4);
  assert.deepEqual(made.map((one) => one.status), Array(4).fill('booked'));
  assert.deepEqual([made[1].start, made[3].start].map(seconds), [afterWeeks(1), afterWeeks(3)].map(seconds));
  assert.notEqual(seconds(made[2].start), seconds(afterWeeks(2)));
  await page.getByRole('link', { name: /の予約を開く/ }).nth(3).waitFor();
  await screenshots(page, 'patient-series');
  await assertAccessible(page, 'series of a patient');
});

test('one more than five is refused with a sentence, and what is gone meanwhile is shown anew', async () => {
  const { page } = patient;
  await page.goto(`${server.url}/bookings/${first.id}/series`);
  await page.getByLabel('あと何回').selectOption({ label: '4 回' });
  await page.getByLabel('どのくらいの間をあけるか').selectOption({ label: '1 週間ごと' });
  await press(page, '空いているか見る');
  // Her own visits are in the way, and one time that nobody has.
  const last = page.getByRole('checkbox');
  await last.first().waitFor();
  assert.equal(await last.count(), 1);
  await page.locator('fieldset').first().getByRole('radio').nth(1).check();
  await press(page, '選んだ 2 回を予約する');
  assert.match(await page.getByRole('alert').first().innerText(), /。/);
  assert.equal((await visits()).length, 4, 'all or nothing');
  // Somebody takes the last one while she looks at it.
  await last.first().waitFor();
  await taken(4);
  await press(page, '選んだ 1 回を予約する');
  await page.getByRole('heading', { name: '4 回のうち 0 回は、同じ時刻が空いています' }).waitFor();
  assert.match(await page.getByRole('alert').first().innerText(), /。/);
});

test('from one of them on all are called off by keyboard, those before it stay', async () => {
  const { page } = patient;
  const third = (await visits())[2];
  await page.goto(`${server.url}/bookings/${third.id}/series`);
  const summary = page.locator('summary');
  await tabTo(page, summary);
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByLabel('取り消しの理由'));
  await tabTo(page, page.getByRole('button', { name: '2 件をまとめて取り消す' }));
  await page.keyboard.press('Enter');
  await page.getByText('2 件を取り消しました').waitFor();
  assert.deepEqual((await visits()).map((one) => one.status), ['booked', 'booked', 'cancelled', 'cancelled']);
  await page.getByText('この予約からは、続きの予約を取れません。').waitFor();
  await screenshots(page, 'patient-series-called-off');
  // One alone is called off on its own page, which the list leads to.
  await page.getByRole('link', { name: /の予約を取り消す/ }).nth(1).click();
  await title(page, '予約を取り消しますか').waitFor();
});

test('the same in English', async () => {
  const { page } = patient;
  await page.goto(`${server.url}/bookings/${first.id}/series`);
  await title(page, '続きの予約').waitFor();
  await press(page, 'English');
  await title(page, 'Further visits').waitFor();
  await page.getByLabel('How far apart').selectOption({ label: 'Every week' });
  await page.getByLabel('How far apart').selectOption({ label: 'Every 2 weeks' });
  await press(page, 'See what is free');
  await page.getByRole('heading', { name: /The same time is free for \d of 3/ }).waitFor();
  const words = await page.locator('main form').allInnerTexts();
  assert.ok(!/[ぁ-ん]/.test(words.join()), words.join());
  await press(page, '日本語');
});

test('the desk books a course from a visit, sees it, and calls it off', async () => {
  const { page } = desk;
  const date = new Date(Date.parse(first.start) + 9 * 3_600_000).toISOString().slice(0, 10);
  await page.goto(`${server.url}/staff?date=${date}`);
  await page.getByRole('link', { name: '続木 春 さんの続きの予約' }).click();
  await title(page, '続きの予約').waitFor();
  // Those that the patient made, and called off.
  await until('the series is listed', async () => (await page.locator('.cards li').count()) === 4);
  await page.getByLabel('どのくらいの間をあけるか').selectOption({ label: '2 日ごと' });
  await page.getByLabel('あと何回').selectOption({ label: '6 回' });
  await press(page, '空いているか見る');
  await page.getByRole('heading', { name: /6 回のうち \d 回は/ }).waitFor();
  await screenshots(page, 'clinic-series-choice');
  await assertAccessible(page, 'course at the desk');
  await assertLargeText(page, 'course at the desk');
  await page.getByRole('button', { name: /選んだ \d 回を予約する/ }).click();
  await page.getByText(/件の予約を取りました/).waitFor();
  await until('the course is listed', async () => (await page.locator('.cards li').count()) >= 9);
  await screenshots(page, 'clinic-series');
  await page.locator('summary').filter({ hasText: 'まとめて取り消す' }).click();
  await page.getByRole('button', { name: /件をまとめて取り消す/ }).click();
  await page.getByText(/件を取り消しました/).waitFor();
  const { items } = await ask(page, `/api/clinic/visits/${first.id}/series/visits`);
  assert.ok(items.every((one) => one.status === 'cancelled'), JSON.stringify(items.map((one) => one.status)));
});
