// The desk: bookings by telephone, requests, visits moved with a reason, the rules of each kind of visit.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertAccessible, assertLargeText } from './accessible.mjs';
import { closeAll, openProfile, screenshots, startServer, until } from './harness.mjs';
import { fillBirthDate, press, signIn, tabTo } from './people.mjs';

let server;
let desk;
let patient;

before(async () => {
  server = await startServer();
  desk = await openProfile({ name: 'desk', height: 1600 });
  patient = await openProfile({ name: 'patient' });
  await signIn(desk.page, server.url, 'desk');
});
after(closeAll);

const ask = (page, path) => page.evaluate(async (to) => (await fetch(to)).json(), path);

/** Fills in who is on the telephone, and what they agreed to. */
async function fillPatient(page, name, kana) {
  await page.getByLabel('お名前').fill(name);
  await page.getByLabel('フリガナ').fill(kana);
  await page.getByLabel('電話番号').fill('090-1111-2222');
  await fillBirthDate(page);
  await page.getByLabel('相談の内容').fill('三日前からせきが出ます');
  for (const box of await page.getByLabel('読み上げました').all()) await box.check();
}

/** Takes the free time at `place` of tomorrow. */
async function holdTomorrow(page, place) {
  await page.goto(`${server.url}/staff/book`);
  await press(page, '次の日');
  const times = page.locator('.slots button');
  await times.nth(place).waitFor();
  await times.nth(place).click();
  await page.getByLabel('お名前').waitFor();
}

test('a booking is made for somebody on the telephone, who can open it with its link', async () => {
  const { page } = desk;
  await page.goto(`${server.url}/staff/book`);
  await page.locator('.slots button').first().waitFor();
  await screenshots(page, 'clinic-book-time');
  await assertAccessible(page, 'times of the desk');
  await holdTomorrow(page, 40);
  await press(page, '予約を決める');
  const summary = page.locator('.error-summary');
  await summary.getByRole('link', { name: 'お名前を入れてください' }).waitFor();
  assert.ok((await summary.getByRole('link', { name: '読み上げて、同意を確かめてください' }).count()) > 0, 'consent is never taken for granted');
  await screenshots(page, 'clinic-book-error');
  await fillPatient(page, '電話 太郎', 'デンワ タロウ');
  await screenshots(page, 'clinic-book-patient');
  await assertAccessible(page, 'patient on the telephone');
  await assertLargeText(page, 'patient on the telephone');
  await press(page, '予約を決める');
  await page.getByText('予約を受けました').waitFor();
  await screenshots(page, 'clinic-book-done');
  const link = await page.locator('code').innerText();
  await patient.page.goto(link);
  await fillBirthDate(patient.page);
  await press(patient.page, '予約を開く');
  await patient.page.getByText('電話 太郎').first().waitFor();
});

test('a time that was held at the desk is given back', async () => {
  const { page } = desk;
  await holdTomorrow(page, 44);
  const taken = await page.locator('.banner-info strong').innerText();
  await press(page, 'ほかの時間を選ぶ');
  await press(page, '次の日');
  const clock = taken.split(' ').at(-1);
  await page.locator('.slots').getByRole('button', { name: clock, exact: true }).waitFor();
});

test('a named capacity takes a second visit at a time that is taken, with a reason', async () => {
  const { page } = desk;
  await page.goto(`${server.url}/staff/services`);
  await page.getByLabel('枠の名前').fill('急な痛みの枠');
  await press(page, '枠を足す');
  await page.getByRole('button', { name: '急な痛みの枠 をやめる' }).waitFor();
  await holdTomorrow(page, 48);
  const taken = await page.locator('.banner-info strong').innerText();
  await fillPatient(page, '先約 一郎', 'センヤク イチロウ');
  await press(page, '予約を決める');
  await page.getByText('予約を受けました').waitFor();

  await press(page, '次の予約を受ける');
  await page.getByText('出していない時間に入れる').click();
  await page.getByLabel('決まりの外で入れる理由').selectOption({ label: '急いで診る必要がある' });
  await page.getByLabel('重ねて受けるための枠').selectOption({ label: '急な痛みの枠' });
  await press(page, '次の日');
  const [, half, hour, minute] = /午(前|後)(\d+):(\d+)/.exec(taken);
  await page.getByLabel('出していない時刻').fill(`${String(Number(hour) + (half === '後' ? 12 : 0)).padStart(2, '0')}:${minute}`);
  await press(page, 'この時刻にする');
  await page.locator('.banner-info strong').waitFor();
  assert.equal(await page.locator('.banner-info strong').innerText(), taken);
  await fillPatient(page, '急患 二郎', 'キュウカン ジロウ');
  await press(page, '予約を決める');
  await page.getByText('予約を受けました').waitFor();
});

test('a visit is moved in one step', async () => {
  const { page } = desk;
  await page.goto(`${server.url}/staff`);
  await press(page, '次の日');
  await page.getByRole('link', { name: '電話 太郎 さんの日時を変える' }).click();
  const times = page.locator('.slots button');
  await times.nth(60).waitFor();
  await assertAccessible(page, 'move');
  const wish = await times.nth(60).innerText();
  await times.nth(60).click();
  await page.getByText(new RegExp(`${wish} に変えました`)).waitFor();
  await screenshots(page, 'clinic-move');
});

test('the rules of a kind of visit are kept, and a booking then waits for approval', async () => {
  const { page } = desk;
  await page.goto(`${server.url}/staff/services`);
  await page.getByLabel('診察の長さ').waitFor();
  await screenshots(page, 'clinic-services');
  await assertAccessible(page, 'services');
  await assertLargeText(page, 'services');
  await page.getByLabel('診察の長さ').fill('0');
  await press(page, '保存する');
  await page.locator('.error-summary').getByRole('link', { name: '診察の長さ（分）は、5から240までの数にしてください' }).waitFor();
  await page.getByLabel('診察の長さ').fill('３０');
  await page.getByLabel('予約ごとに、医療機関が承認する').check();
  await page.getByLabel('承認の期限').fill('120');
  await press(page, '保存する');
  await page.getByText('保存しました').waitFor();
  const { items } = await ask(page, '/api/clinic/services');
  assert.deepEqual([items[0].rules.length_min, items[0].rules.needs_approval, items[0].rules.answer_within_min], [30, true, 120]);

  for (const [place, name, kana] of [[20, '申込 春', 'モウシコミ ハル'], [24, '申込 夏', 'モウシコミ ナツ']]) {
    await holdTomorrow(page, place);
    await fillPatient(page, name, kana);
    await press(page, '予約を決める');
    await page.getByText('申し込みを受けました').waitFor();
  }
  await press(page, '承認待ち', 'link');
  const row = page.getByRole('row', { name: /申込 春/ });
  await row.waitFor();
  // Until when the clinic must answer is on the row.
  assert.match(await row.innerText(), /\d+月\d+日（.）.*午[前後]\d+:\d+[\s\S]*午[前後]\d+:\d+/);
  await screenshots(page, 'clinic-requests');
  await assertAccessible(page, 'requests');
  // By keyboard: approve one, decline the other with a reason.
  await tabTo(page, row.getByRole('button', { name: '申込 春 さんの申し込みを承認する' }));
  await page.keyboard.press('Enter');
  await page.getByText('申込 春 さんの申し込みを承認しました').waitFor();
  await page.getByRole('button', { name: '申込 夏 さんの申し込みを断る' }).click();
  await page.getByLabel('断る理由').selectOption({ label: '来院が必要' });
  await press(page, '申し込みを断る');
  await page.getByText('申込 夏 さんの申し込みを断りました').waitFor();
  await until('no request is left', async () => (await ask(page, '/api/clinic/requests')).items.length === 0);
});
