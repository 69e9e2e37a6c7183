// Calendars in and out, the state of messages, the waiting list.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { assertAccessible, assertLargeText } from './accessible.mjs';
import { closeAll, openProfile, screenshots, startServer } from './harness.mjs';
import { bookFirstTime, press, signIn } from './people.mjs';

let server;
let desk;
let patient;
// Where a doctor's calendar lies elsewhere, and what it answers there.
let elsewhere;
let answers;

before(async () => {
  elsewhere = createServer((_, response) => response.writeHead(answers.status, { 'Content-Type': 'text/calendar' }).end(answers.body)).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  server = await startServer({ env: { ONSHIN_OUTGOING__ALLOW: `http://127.0.0.1:${elsewhere.address().port}` } });
  desk = await openProfile({ name: 'desk' });
  patient = await openProfile({ name: 'patient' });
  await signIn(desk.page, server.url, 'desk');
});
after(async () => {
  elsewhere?.close();
  await closeAll();
});

const ask = (page, path) => page.evaluate(async (to) => (await fetch(to)).json(), path);

test('a feed is made, its address copied once, and revoked', async () => {
  const { page } = desk;
  await page.goto(`${server.url}/staff/calendars`);
  await press(page, 'アドレスを作る');
  const address = await page.locator('.banner-success code').innerText();
  const read = () => fetch(new URL(new URL(address).pathname, server.url));
  const calendar = await read();
  assert.equal(calendar.status, 200);
  assert.match(await calendar.text(), /^BEGIN:VCALENDAR/);
  await screenshots(page, 'clinic-calendars');
  await assertAccessible(page, 'calendars');
  await assertLargeText(page, 'calendars');
  await page.reload();
  await page.getByText(/最後に読まれたのは/).waitFor();
  assert.ok(!(await page.locator('main').innerText()).includes(address), 'the address is shown once');
  await page.getByRole('button', { name: /のアドレスを使えなくする/ }).click();
  await page.getByText('アドレスはありません。').waitFor();
  assert.equal((await read()).status, 404);
});

test('busy times of another calendar are read, with what was left out and how old they are', async () => {
  const { page } = desk;
  await page.goto(`${server.url}/staff/calendars`);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  const event = (uid, more) => ['BEGIN:VEVENT', `UID:${uid}`, 'DTSTAMP:20260101T000000Z', `DTSTART:${tomorrow}T030000Z`, `DTEND:${tomorrow}T040000Z`, ...more, 'END:VEVENT'];
  const file = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//test//EN', ...event('a', ['SUMMARY:歯医者']), ...event('b', ['STATUS:CANCELLED']), 'END:VCALENDAR', ''].join('\r\n');
  await page.getByLabel('.ics ファイルを読み込む').setInputFiles({ name: 'mine.ics', mimeType: 'text/calendar', buffer: Buffer.from(file) });
  await page.getByText('1時間以内に読み込んだ内容です').waitFor();
  await page.getByText('取り消された予定: 1 件（最初は 2 番目）').waitFor();
  await screenshots(page, 'clinic-outside');
  await assertAccessible(page, 'calendar from elsewhere');
  // What is no calendar is refused by a sentence.
  await page.getByLabel('.ics ファイルを読み込む').setInputFiles({ name: 'no.ics', mimeType: 'text/calendar', buffer: Buffer.from('hello') });
  assert.match(await page.getByRole('alert').innerText(), /。$/);
  await press(page, 'このカレンダーをやめる');
  await page.getByText('1時間以内に読み込んだ内容です').waitFor({ state: 'detached' });
});

test('a calendar is read at its address, which is not shown again, and says how that goes', async () => {
  const { page } = desk;
  const host = `127.0.0.1:${elsewhere.address().port}`;
  const address = page.getByLabel('カレンダーのアドレス');
  answers = { status: 200, body: ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//test//EN', 'END:VCALENDAR', ''].join('\r\n') };
  await page.goto(`${server.url}/staff/calendars`);
  await address.fill('https://127.0.0.1/mine.ics');
  await press(page, 'アドレスを加える');
  await page.locator('.error-summary').getByRole('link', { name: 'このアドレスはインターネットに公開されていません。' }).waitFor();
  await screenshots(page, 'clinic-outside-refused');
  await assertAccessible(page, 'a refused address of a calendar');
  await address.fill(`http://${host}/geheim-4713/basic.ics`);
  await press(page, 'アドレスを加える');
  await page.getByRole('heading', { name: host }).waitFor();
  await page.getByText('0 分前に読み込んだ内容です').waitFor();
  assert.equal(await address.inputValue(), '');
  assert.ok(!(await page.content()).includes('geheim-4713'), 'the address is told to nobody');
  answers = { status: 404, body: '' };
  await press(page, `${host} を今すぐ読み込む`);
  await page.getByText('最後の読み込みに失敗しました').waitFor();
  await page.getByText(/このアドレスにカレンダーがありません。.*1 回つづけて/).waitFor();
  await screenshots(page, 'clinic-outside-address');
  await assertAccessible(page, 'a calendar at an address');
  await assertLargeText(page, 'a calendar at an address');
  await press(page, `このカレンダーをやめる: ${host}`);
  await page.getByRole('heading', { name: host }).waitFor({ state: 'detached' });
});

test('what was told of a booking is seen, also that there was no way to tell it', async () => {
  await bookFirstTime(patient.page, server.url, { name: '知世 薫', kana: 'チセ カオル' });
  const { page } = desk;
  await page.goto(`${server.url}/staff`);
  await page.getByRole('link', { name: '知世 薫 さんへのお知らせ' }).click();
  await page.getByRole('row', { name: /予約できました/ }).waitFor();
  await screenshots(page, 'clinic-booking-messages');
  await assertAccessible(page, 'messages of a booking');
  await page.goto(`${server.url}/staff/messages`);
  await page.getByText('届けられなかったお知らせはありません。').waitFor();
  // An address of the machine itself is never called.
  await page.getByLabel('知らせる先').fill('https://127.0.0.1/hook');
  await press(page, '加える');
  const refused = page.getByRole('alert');
  const added = page.locator('.banner-success code');
  await refused.or(added).first().waitFor();
  if (await added.isVisible()) {
    await press(page, 'https://127.0.0.1/hook を試す');
    await page.getByText(/に届きませんでした/).waitFor();
  }
  await screenshots(page, 'clinic-messages');
  await assertAccessible(page, 'messages');
  await assertLargeText(page, 'messages');
});

test('how freed times are offered is set', async () => {
  const { page } = desk;
  await page.goto(`${server.url}/staff/waitlist`);
  await page.getByText('待っている方はいません。').waitFor();
  await page.getByLabel('待っている方みんなに、いっしょに').check();
  await page.getByLabel('おさえておく時間').fill('2');
  await press(page, '保存する');
  await page.locator('.error-summary').getByRole('link', { name: '5から1440までの数にしてください' }).waitFor();
  await page.getByLabel('おさえておく時間').fill('45');
  await press(page, '保存する');
  await page.getByText('保存しました').waitFor();
  const { policy } = await ask(page, '/api/clinic/waitlist');
  assert.deepEqual([policy.mode, policy.window_min], ['all', 45]);
  await screenshots(page, 'clinic-waitlist');
  await assertAccessible(page, 'waiting list');
  await assertLargeText(page, 'waiting list');
});

/** A file of hours as another system writes it: Mondays from nine to noon, a day off. */
function hoursFile(date) {
  const day = date.replaceAll('-', '');
  const available = (lines) => ['BEGIN:AVAILABLE', 'UID:a', 'DTSTAMP:20260101T000000Z', ...lines, 'END:AVAILABLE'];
  return Buffer.from(['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//test//EN', 'BEGIN:VAVAILABILITY', 'UID:v', 'DTSTAMP:20260101T000000Z',
    ...available(['DTSTART;TZID=Asia/Tokyo:20260105T090000', 'DURATION:PT3H', 'RRULE:FREQ=WEEKLY;BYDAY=MO', `EXDATE;TZID=Asia/Tokyo:${day}T090000`]),
    'END:VAVAILABILITY', 'END:VCALENDAR', ''].join('\r\n'));
}

test('hours are taken from a file: shown first with what they strand, then changed, and undone', async () => {
  const booking = await bookFirstTime(patient.page, server.url, { name: '時任 遥', kana: 'トキトウ ハルカ', place: 40 });
  const { page } = desk;
  await page.goto(`${server.url}/staff/calendars`);
  const id = (await ask(page, '/api/clinic/clinicians')).items[0].id;
  const stored = () => ask(page, `/api/clinic/hours?clinician=${id}`);
  const earlier = await stored();
  // A Monday some weeks away.
  const date = new Date(Date.now() + 30 * 86_400_000);
  date.setUTCDate(date.getUTCDate() + ((8 - date.getUTCDay()) % 7));
  const off = date.toISOString().slice(0, 10);
  const field = page.getByLabel('診療時間の .ics ファイル');
  const choose = (name, buffer) => field.setInputFiles({ name, mimeType: 'text/calendar', buffer });
  await choose('no.ics', Buffer.from('hello'));
  assert.match(await page.getByRole('alert').innerText(), /。$/);
  await choose('hours.ics', hoursFile(off));
  const found = page.getByRole('heading', { name: 'ファイルの診療時間' });
  await found.waitFor();
  assert.ok(await found.evaluate((node) => node === document.activeElement), 'what was read has the focus');
  const row = page.getByRole('table', { name: 'ファイルの毎週の時間' }).getByRole('row').nth(1);
  assert.match(await row.innerText(), /月曜日[\s\S]*9:00–12:00/);
  await page.getByLabel('毎週とちがう 1 日も取り込む').waitFor();
  await screenshots(page, 'clinic-hours-file');
  await assertAccessible(page, 'hours of a file');
  await assertLargeText(page, 'hours of a file');
  assert.deepEqual((await stored()).hours, earlier.hours, 'nothing is changed yet');
  await press(page, 'この診療時間にする');
  // Everybody else's visits of this clinic lose their time too.
  const preview = page.getByRole('region', { name: /件の予約が時間を失います/ });
  await preview.waitFor();
  assert.ok((await preview.innerText()).includes(booking.number));
  await screenshots(page, 'clinic-hours-file-stranded');
  await press(page, '変更しない');
  await found.waitFor();
  await press(page, 'この診療時間にする');
  await press(page, '変更する');
  await page.getByText('診療時間を取り込みました').waitFor();
  const now = await stored();
  assert.deepEqual(now.hours.map(({ weekday, opens, closes }) => [weekday, opens, closes]), [[1, 540, 720]]);
  const exceptions = async () => (await ask(page, `/api/clinic/exceptions?from=${off}&to=${off}`)).items.map((one) => one.kind);
  assert.deepEqual(await exceptions(), ['closed']);
  await press(page, 'この変更を元に戻す');
  await page.getByText('元に戻しました').waitFor();
  assert.deepEqual((await stored()).hours, earlier.hours);
  assert.deepEqual(await exceptions(), []);
  // What this clinic writes itself comes back as it is, and strands nobody.
  const written = await page.evaluate(async (to) => (await fetch(to)).text(), `/api/clinic/hours.ics?clinician=${id}`);
  await choose('mine.ics', Buffer.from(written));
  await press(page, 'この診療時間にする');
  await page.getByText('診療時間を取り込みました').waitFor();
  assert.deepEqual((await stored()).hours, earlier.hours);
});
