// The clinic's desk: signing in and out, weekly hours, closed days, and what patients then see.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { closeAll, openProfile, screenshots, startServer, until } from './harness.mjs';
import { bookFirstTime, press, signIn, status, tabTo } from './people.mjs';

/** The pages of a clinic. */
const MENU = ['診察の一覧', '承認待ち', '電話の予約', 'キャンセル待ち', 'お知らせ', '診療時間', '休診日', '変更の記録', '空いていない理由', 'カレンダー連携', '診療の種類', '問診', '料金と同意', '掲示事項', '8月報告', '受診施設との連携', '自己点検', '届出'];

const DAY_MS = 86_400_000;

let server;
let desk;
let patient;
/** The address of the times of the clinic that is always open. */
let times;

before(async () => {
  server = await startServer();
  desk = await openProfile({ name: 'desk' });
  patient = await openProfile({ name: 'patient' });
  const list = await (await fetch(`${server.url}/api/facilities?q=${encodeURIComponent('おとなし')}`)).json();
  const clinic = list.items[0];
  times = `${server.url}/clinics/${clinic.id}/times?service=${clinic.next_free[0].service_id}`;
});
after(closeAll);

/** The local date of Tokyo some days from now. */
const dateAhead = (days) => new Date(Date.now() + 9 * 3_600_000 + days * DAY_MS).toISOString().slice(0, 10);
const dayInWords = (date) => {
  const [, month, day] = date.split('-').map(Number);
  return `${month}月${day}日（${'日月火水木金土'[new Date(`${date}T00:00:00Z`).getUTCDay()]}）`;
};

/** What a patient is offered on a day: the times as words, and the words where there is none. */
async function offered(date) {
  await patient.page.goto(`${times}&from=${date}`);
  const day = patient.page.locator('section.day').filter({ has: patient.page.locator(`#day-${date}`) });
  await day.waitFor();
  const more = day.getByRole('button', { name: /この日のほかの時間も見る/ });
  if (await more.isVisible()) await more.click();
  return { times: await day.locator('button.slot').allInnerTexts(), words: await day.locator('.day-empty').allInnerTexts() };
}

test('a wrong password is answered by a sentence, and nothing opens', async () => {
  const { page } = desk;
  await page.goto(`${server.url}/staff`);
  await page.getByLabel('ログイン名').fill('desk');
  await page.getByLabel('パスワード').fill('not the password');
  await press(page, 'ログインする');
  const alert = page.getByRole('alert');
  await alert.waitFor();
  assert.match(await alert.innerText(), /[ぁ-ん].*。$/);
  assert.match(await page.title(), /^エラー/);
  assert.equal(await status(page, '/api/session'), 401);
  await screenshots(page, 'clinic-wrong-password');
});

test('a member of the desk has the menu of the clinic and nothing of the prefecture', async () => {
  const { page } = desk;
  await signIn(page, server.url, 'desk');
  const menu = await page.getByRole('navigation', { name: 'メニュー' }).getByRole('link').allInnerTexts();
  assert.deepEqual(menu, MENU);
  assert.equal(await status(page, '/api/clinic/hours'), 422, 'asked without saying whose hours');
  assert.equal(await status(page, '/api/admin/imports'), 403);
  assert.equal(await status(page, '/api/admin/imports/drafts', 'POST'), 403);
  // An address of the prefecture leads back to the day.
  await page.goto(`${server.url}/staff/imports`);
  await page.waitForURL(`${server.url}/staff`);
  await page.getByRole('heading', { level: 1, name: '今日の診察' }).waitFor();
});

test('weekly hours are changed from the keyboard, and patients see it', async () => {
  const { page } = desk;
  const date = dateAhead(2);
  assert.equal((await offered(date)).times.length, 96);
  await page.goto(`${server.url}/staff/hours`);
  const weekday = new Date(`${date}T00:00:00Z`).toLocaleDateString('ja-JP', { weekday: 'long', timeZone: 'UTC' });
  await tabTo(page, page.getByRole('button', { name: '表で' }));
  await page.keyboard.press('Enter');
  await page.getByLabel(`${weekday} 始まり`).waitFor();
  await screenshots(page, 'clinic-hours');

  // A time that ends before it begins is refused on the page.
  await tabTo(page, page.getByLabel(`${weekday} 始まり`));
  await page.keyboard.type('1300');
  await tabTo(page, page.getByLabel(`${weekday} 終わり`));
  await page.keyboard.type('1100');
  await tabTo(page, page.getByRole('button', { name: '保存する' }));
  await page.keyboard.press('Enter');
  const summary = page.locator('.error-summary');
  await summary.waitFor();
  assert.ok(await summary.evaluate((box) => box === document.activeElement), 'the summary has the focus');
  await screenshots(page, 'clinic-hours-error');
  await tabTo(page, summary.getByRole('link'));
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), `${weekday} 始まり`);

  await tabTo(page, page.getByLabel(`${weekday} 終わり`));
  await page.keyboard.type('1500');
  await tabTo(page, page.getByRole('button', { name: '保存する' }));
  await page.keyboard.press('Enter');
  await page.getByText('保存しました').waitFor();
  const seen = await offered(date);
  assert.deepEqual(seen.times, ['1:00', '1:15', '1:30', '1:45', '2:00', '2:15', '2:30', '2:45'].map((time) => `午後${time}`));
  // The other days are as before.
  assert.equal((await offered(dateAhead(3))).times.length, 96);
  await page.reload();
  await press(page, '表で');
  assert.equal(await page.getByLabel(`${weekday} 終わり`).inputValue(), '15:00');
});

test('a closed day tells which bookings it strands, closes the day, and can be taken back', async () => {
  const booking = await bookFirstTime(patient.page, server.url, { name: '音無 花', kana: 'オトナシ ハナ' });
  const start = (await patient.page.evaluate(async (id) => (await fetch(`/api/bookings/${id}`)).json(), booking.id)).start;
  const date = new Date(Date.parse(start) + 9 * 3_600_000).toISOString().slice(0, 10);
  assert.ok((await offered(date)).times.length > 0);

  const { page } = desk;
  await page.goto(`${server.url}/staff`);
  await page.getByRole('link', { name: '音無 花 さんの予約を見る' }).waitFor();
  await press(page, '休診日', 'link');
  await press(page, '休診にする');
  await page.locator('.error-summary').getByRole('link', { name: '日付を入れてください' }).waitFor();
  assert.match(await page.title(), /^エラー/);
  await page.getByLabel('この日から').fill(date);
  await page.getByLabel('名前・メモ').fill('学会のため');
  await press(page, '休診にする');
  const preview = page.getByRole('region', { name: '1 件の予約が時間を失います' });
  await preview.waitFor();
  assert.ok((await preview.innerText()).includes(booking.number));
  assert.ok((await offered(date)).times.length > 0, 'nothing is closed before it is said so');
  await press(page, '変更する');
  await page.getByText(/それまでは元に戻せます/).waitFor();
  await screenshots(page, 'clinic-closed-day');
  assert.deepEqual(await offered(date), { times: [], words: ['休診'] });
  await screenshots(patient.page, 'clinic-closed-day-patient');
  // The booking itself stands until somebody at the clinic speaks with the patient.
  const kept = await patient.page.evaluate(async (id) => (await fetch(`/api/bookings/${id}`)).json(), booking.id);
  assert.equal(kept.status, 'booked');
  // It is listed among those that lost their time, from where the day's list is a step away.
  await press(page, '変更の記録', 'link');
  const lost = page.getByRole('table', { name: '時間を失っている予約' }).getByRole('row', { name: new RegExp(booking.number) });
  await lost.getByRole('link').click();
  await page.getByRole('row', { name: new RegExp(booking.number) }).waitFor();

  await press(page, '休診日', 'link');
  await press(page, `${dayInWords(date)} を元に戻す`);
  await page.getByText('これからの休診日はありません。').waitFor();
  await until('the day is open again', async () => (await offered(date)).times.length > 0);
});

test('the desk looks at a booking without being asked for a camera', async () => {
  const { page } = desk;
  await page.addInitScript(() => {
    window.__asked = 0;
    const devices = navigator.mediaDevices;
    const real = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (wish) => {
      window.__asked += 1;
      return real(wish);
    };
  });
  await page.goto(`${server.url}/staff`);
  await page.getByRole('link', { name: '音無 花 さんの予約を見る' }).click();
  await page.getByText('診察は、担当の医師がこの画面で行います').waitFor();
  await page.getByText('オトナシ ハナ').waitFor();
  assert.equal(await page.evaluate(() => window.__asked), 0);
  await screenshots(page, 'clinic-desk-visit');
});

test('signing out ends the session', async () => {
  const { page } = desk;
  await page.goto(`${server.url}/staff`);
  await press(page, 'ログアウト');
  await page.getByLabel('ログイン名').waitFor();
  assert.equal(await status(page, '/api/session'), 401);
  assert.equal(await status(page, '/api/clinic/visits'), 401);
  await page.goto(`${server.url}/staff/hours`);
  await page.getByLabel('ログイン名').waitFor();
});
