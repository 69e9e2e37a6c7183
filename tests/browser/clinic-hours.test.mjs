// Hours in the calendar and in the form, days that differ, what they strand, and why a time is not free.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertAccessible, assertLargeText } from './accessible.mjs';
import { closeAll, openProfile, screenshots, startServer, until } from './harness.mjs';
import { bookFirstTime, press, signIn, tabTo } from './people.mjs';

/** The calendar's own grid: a table whose events lie beside its cells. The same is on the page as a real table. */
const CALENDAR = { except: ['aria-required-children', 'aria-required-parent'], within: ['.week-calendar'] };

let server;
let doctor;
let desk;
let patient;
/** Ids of the two doctors of the clinic with two. */
let people;

before(async () => {
  server = await startServer();
  // So high that nothing of a day lies below the window or behind the bar at its foot.
  doctor = await openProfile({ name: 'doctor', height: 1600 });
  desk = await openProfile({ name: 'desk' });
  patient = await openProfile({ name: 'patient' });
  await signIn(doctor.page, server.url, 'umikaze');
  await signIn(desk.page, server.url, 'desk');
  people = (await ask(doctor.page, '/api/clinic/clinicians')).items;
});
after(closeAll);

const ask = (page, path) => page.evaluate(async (to) => (await fetch(to)).json(), path);
const stretches = (page) => page.locator('.ec-event.stretch');
const stretch = (page, words) => stretches(page).filter({ hasText: words });
/** The stored hours of a doctor on a weekday, as `[opens, closes]`. */
const stored = async (name, weekday) => {
  const { id } = people.find((one) => one.name === name);
  const { hours } = await ask(doctor.page, `/api/clinic/hours?clinician=${id}`);
  return hours.filter((one) => one.weekday === weekday).map((one) => [one.opens, one.closes]);
};
const saved = (page) => page.getByText('保存しました').waitFor();
/** The words of the stretch that has the focus; none where something else has it. */
const focused = (page) => page.evaluate(() => document.activeElement.closest('.ec-event')?.textContent ?? '');

async function openHours(page) {
  await page.goto(`${server.url}/staff/hours`);
  await stretches(page).first().waitFor();
}

/** Drags from one place to another, as a hand does: not in one jump. */
async function drag(page, [x, y], [dx, dy]) {
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + dx / 4, y + dy / 4, { steps: 4 });
  await page.mouse.move(x + dx, y + dy, { steps: 8 });
  await page.mouse.up();
}

const DAY_MS = 86_400_000;
/** The date of Tokyo some days from now, and the Wednesday on or after it. */
const dateAhead = (days) => new Date(Date.now() + 9 * 3_600_000 + days * DAY_MS).toISOString().slice(0, 10);
const plus = (date, days) => new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
const wednesdayAfter = (days) => {
  const date = dateAhead(days);
  return plus(date, (10 - new Date(`${date}T00:00:00Z`).getUTCDay()) % 7);
};
const dayInWords = (date) => {
  const [, month, day] = date.split('-').map(Number);
  return `${month}月${day}日（${'日月火水木金土'[new Date(`${date}T00:00:00Z`).getUTCDay()]}）`;
};

/** Pixels of an hour in the calendar. */
const HOUR = 48;

test('the calendar shows the doctors side by side, within the content policy', async () => {
  const { page } = doctor;
  await openHours(page);
  // A column for each doctor on each of seven days.
  assert.deepEqual(people.map((one) => one.name).sort(), ['海野 渚', '風間 岬'].sort());
  assert.equal(await page.locator('.ec-body .ec-day').count(), 14);
  assert.equal(await stretches(page).count(), 13);
  // The policy is the server's; that nothing broke it is asserted when the profile closes.
  const policy = await page.evaluate(async () => (await fetch('/staff/hours')).headers.get('content-security-policy'));
  assert.match(policy, /style-src 'self'/);
  assert.ok(!policy.includes('unsafe-inline'));
  await screenshots(page, 'clinic-calendar');
  await assertAccessible(page, 'calendar', CALENDAR);
  await assertLargeText(page, 'calendar');
  // The same as a table.
  await page.getByText('同じ内容を表で見る').click();
  const rows = page.getByRole('table', { name: 'この週の診療時間' }).getByRole('row');
  assert.equal(await rows.count(), 15);
});

test('hours are dragged, resized, drawn and handed to another doctor, and then kept', async () => {
  const { page } = doctor;
  await openHours(page);
  const tuesday = await stretch(page, '海野 渚 火曜日 9:00').boundingBox();
  await drag(page, [tuesday.x + 20, tuesday.y + 30], [0, HOUR]);
  await stretch(page, '海野 渚 火曜日 10:00–13:30').waitFor();
  const moved = await stretch(page, '海野 渚 火曜日 10:00').boundingBox();
  await drag(page, [moved.x + 20, moved.y + moved.height - 2], [0, -HOUR]);
  await stretch(page, '海野 渚 火曜日 10:00–12:30').waitFor();
  // One column to the right is the other doctor on the same day.
  await drag(page, [moved.x + 20, moved.y + 30], [moved.width + 6, 0]);
  await stretch(page, '風間 岬 火曜日 10:00–12:30').waitFor();
  // Drawing opens the dialog with the times that were drawn.
  const saturday = await stretch(page, '海野 渚 土曜日 9:00').boundingBox();
  await drag(page, [saturday.x + 20, saturday.y + saturday.height + HOUR + 4], [0, HOUR]);
  const dialog = page.getByRole('dialog', { name: '時間を足す' });
  await dialog.waitFor();
  const drawn = await dialog.getByLabel('始まり', { exact: true }).inputValue();
  assert.match(drawn, /^1[23]:(00|15|30|45)$/);
  await assertAccessible(page, 'dialog', CALENDAR);
  await dialog.getByLabel('月の決まった週').check();
  await dialog.getByRole('checkbox', { name: '第2' }).check();
  await dialog.getByRole('checkbox', { name: '第4' }).check();
  await screenshots(page, 'clinic-stretch-dialog');
  await press(page, '決める');
  await page.getByText('保存していない変更があります').waitFor();
  assert.deepEqual(await stored('海野 渚', 2), [[540, 750], [840, 1080]], 'nothing is kept before it is saved');
  await press(page, '保存する');
  await saved(page);
  assert.deepEqual(await stored('海野 渚', 2), [[840, 1080]]);
  assert.deepEqual(await stored('風間 岬', 2), [[600, 750]]);
  const { id } = people.find((one) => one.name === '海野 渚');
  const { hours } = await ask(page, `/api/clinic/hours?clinician=${id}`);
  assert.equal(hours.find((one) => one.weekday === 6 && one.weeks_of_month)?.weeks_of_month, 0b01010);
  // Nothing was stranded, so that the change can be undone at once.
  await press(page, 'この変更を元に戻す');
  await page.getByText('元に戻しました').waitFor();
  assert.deepEqual(await stored('海野 渚', 2), [[540, 750], [840, 1080]]);
  await stretch(page, '海野 渚 火曜日 9:00–12:30').waitFor();
});

test('the same by keyboard alone', async () => {
  const { page } = doctor;
  await openHours(page);
  await tabTo(page, stretch(page, '海野 渚 木曜日 9:00'));
  for (const [key, words] of [
    ['ArrowDown', '木曜日9:15–12:45'],
    ['Shift+ArrowUp', '木曜日9:10–12:40'],
    ['Alt+ArrowDown', '木曜日9:10–12:55'],
    ['ArrowRight', '金曜日9:10–12:55'],
    ['ArrowLeft', '木曜日9:10–12:55'],
  ]) {
    await page.keyboard.press(key);
    await until(`${key} moved it and kept the focus`, async () => (await focused(page)).replaceAll(' ', '').includes(`海野渚${words}`));
  }
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: '時間を変更' });
  await dialog.waitFor();
  await tabTo(page, dialog.getByRole('button', { name: '5分 遅く' }));
  await page.keyboard.press('Enter');
  await tabTo(page, dialog.getByRole('button', { name: '決める' }));
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await until('the focus is on the changed hours', async () => (await focused(page)).includes('9:15–13:00'));
  // Escape changes nothing and gives the focus back.
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok((await focused(page)).includes('9:15–13:00'));
  await tabTo(page, stretch(page, '海野 渚 土曜日 9:00'));
  await page.keyboard.press('Delete');
  await stretch(page, '海野 渚 土曜日').waitFor({ state: 'detached' });
  await tabTo(page, page.getByRole('button', { name: '保存する' }));
  await page.keyboard.press('Enter');
  await saved(page);
  assert.deepEqual(await stored('海野 渚', 4), [[555, 780], [840, 1080]]);
  assert.deepEqual(await stored('海野 渚', 6), []);
});

test('weeks, dates and kind of visit go by form too', async () => {
  const { page } = doctor;
  await openHours(page);
  await press(page, '表で');
  await page.getByLabel('医師').selectOption({ label: '風間 岬' });
  await press(page, '日曜日 に時間を足す');
  const dialog = page.getByRole('dialog', { name: '時間を足す' });
  const anchor = wednesdayAfter(40);
  const [from, to] = [plus(anchor, -5), plus(anchor, 84)];
  await dialog.getByLabel('1週おき').check();
  await dialog.getByLabel('この日がある週に診療する').fill(anchor);
  await dialog.getByLabel('この日から').fill(from);
  await dialog.getByLabel('この日まで').fill(plus(from, -1));
  await dialog.getByLabel('診療の種類').selectOption({ label: '診療前相談' });
  await press(page, '決める');
  await dialog.locator('.error-summary').getByRole('link', { name: '終わりの日は、始まりの日より後にしてください' }).waitFor();
  await dialog.getByLabel('この日まで').fill(to);
  await press(page, '決める');
  await page.getByText(`1週おき（${dayInWords(anchor)}の週から数えて）、${dayInWords(from)}から、${dayInWords(to)}まで、診療前相談だけ`).waitFor();
  await screenshots(page, 'clinic-hours-form');
  await assertAccessible(page, 'hours form');
  await assertLargeText(page, 'hours form');
  await press(page, '保存する');
  await saved(page);
  const { id } = people.find((one) => one.name === '風間 岬');
  const { hours, services } = await ask(page, `/api/clinic/hours?clinician=${id}`);
  const { weekday, alternate_from, valid_from, valid_until, service_id } = hours.find((one) => one.weekday === 7);
  assert.deepEqual([weekday, alternate_from, valid_from, valid_until], [7, anchor, from, plus(to, 1)]);
  assert.equal(services.find((one) => one.id === service_id).name_ja, '診療前相談');
  // Seen in a week in which they are kept, and not in the one after it.
  await press(page, 'カレンダーで');
  await page.getByLabel('日付を選ぶ').fill(anchor);
  await stretch(page, '風間 岬 日曜日 9:00').waitFor();
  await press(page, '次の週');
  await stretch(page, '風間 岬 日曜日 9:00').waitFor({ state: 'detached' });
});

test('a closure every year and a holiday of its own are shown and taken back', async () => {
  const { page } = doctor;
  await page.goto(`${server.url}/staff/closed-days`);
  await page.getByLabel('毎年、休診にする').check();
  await press(page, 'お盆（8月13日から15日）');
  await press(page, '休診にする');
  await page.getByText('変更しました').waitFor();
  await page.getByRole('row', { name: /毎年 8月13日から8月15日.*お盆/ }).waitFor();
  const holiday = page.getByRole('row', { name: /元日/ });
  assert.match(await holiday.innerText(), /休診/);
  await holiday.getByRole('button', { name: /だけ診療する/ }).click();
  await page.getByRole('row', { name: /元日.*この日だけの選択/ }).waitFor();
  await screenshots(page, 'clinic-closed-days');
  await assertAccessible(page, 'closed days');
  await assertLargeText(page, 'closed days');
  await openHours(page);
  // The next 13th of August, whichever year that is in.
  const year = Number(dateAhead(0).slice(0, 4)) + (dateAhead(0).slice(5) > '08-13' ? 1 : 0);
  await page.getByLabel('日付を選ぶ').fill(`${year}-08-13`);
  await page.locator('.special-closure').first().waitFor();
  assert.ok((await page.locator('.stretch-idle').count()) > 0);
  await page.goto(`${server.url}/staff/closed-days`);
  await page.getByRole('button', { name: /の選択をやめる/ }).click();
  await page.getByText('この日だけの選択').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: '毎年 8月13日から8月15日 を元に戻す' }).click();
  await page.getByText('これからの休診日はありません。').waitFor();
});

test('a change shows first what it strands, and can be undone until the patients are told', async () => {
  const booking = await bookFirstTime(patient.page, server.url, { name: '音無 花', kana: 'オトナシ ハナ', place: 30 });
  const booked = await ask(patient.page, `/api/bookings/${booking.id}`);
  const date = new Date(Date.parse(booked.start) + 9 * 3_600_000).toISOString().slice(0, 10);
  const { page } = desk;
  await page.goto(`${server.url}/staff/closed-days`);
  await page.getByLabel('この日から').fill(date);
  await press(page, '休診にする');
  const preview = page.getByRole('region', { name: '1 件の予約が時間を失います' });
  await preview.waitFor();
  assert.ok(await preview.evaluate((box) => box === document.activeElement), 'the preview has the focus');
  assert.ok((await preview.innerText()).includes(booking.number));
  assert.ok((await preview.locator('td ul li').count()) > 0, 'times are offered instead');
  await screenshots(page, 'clinic-stranded');
  await assertAccessible(page, 'what a change strands');
  const exceptions = () => ask(page, `/api/clinic/exceptions?from=${date}&to=${date}`);
  assert.equal((await exceptions()).items.length, 0, 'nothing is changed yet');
  await press(page, '変更しない');
  await preview.waitFor({ state: 'detached' });
  assert.equal((await exceptions()).items.length, 0);

  await press(page, '休診にする');
  await page.getByLabel('患者さんに知らせるまで').selectOption({ label: '30 分' });
  await press(page, '変更する');
  await page.getByText(/それまでは元に戻せます/).waitFor();
  assert.equal((await exceptions()).items.length, 1);
  await screenshots(page, 'clinic-stranded-applied');
  // The record knows it too, and undoes it there.
  await press(page, '変更の記録', 'link');
  await page.getByRole('row', { name: /変更済み.*返事待ち 1/ }).waitFor();
  await page.getByRole('table', { name: '時間を失っている予約' }).getByRole('row', { name: new RegExp(booking.number) }).waitFor();
  await assertAccessible(page, 'record of changes');
  await page.getByRole('row', { name: /変更済み.*返事待ち 1/ }).getByRole('button', { name: /の変更を見る/ }).click();
  await press(page, 'この変更を元に戻す');
  await page.getByText('元に戻しました').waitFor();
  assert.equal((await exceptions()).items.length, 0);
  assert.equal((await ask(patient.page, `/api/bookings/${booking.id}`)).status, 'booked');
});

test('why a time is not free is told in sentences that lead to what can be changed', async () => {
  const { page } = doctor;
  await page.goto(`${server.url}/staff/why`);
  await page.getByLabel('日付').fill(dateAhead(36));
  await page.getByLabel('時刻').fill('03:00');
  await press(page, '調べる');
  const cards = page.locator('.card').filter({ has: page.locator('.findings') });
  await cards.first().waitFor();
  assert.equal(await cards.count(), 2, 'one of each doctor');
  const against = cards.first().locator('.against');
  assert.match(await against.first().innerText(), /診療時間|休/);
  await screenshots(page, 'clinic-why');
  await assertAccessible(page, 'why a time is not free');
  await assertLargeText(page, 'why a time is not free');
  // The address holds the question.
  await page.reload();
  await cards.first().waitFor();
  await against.first().getByRole('link').click();
  await page.getByRole('heading', { level: 1, name: /診療時間|休診日/ }).waitFor();
});

test('a kind of visit is added and closed', async () => {
  const { page } = doctor;
  await page.goto(`${server.url}/staff/services`);
  await page.getByText('診療の種類を足す').click();
  await press(page, 'この診療を足す');
  await page.locator('.field-failed').first().waitFor();
  await page.getByLabel('保険診療（外すと自費診療）').uncheck();
  await page.getByLabel('診療の名前').fill('自費相談');
  await page.getByLabel('英語の名前').fill('Self-pay');
  await assertAccessible(page, 'a new kind of visit');
  await assertLargeText(page, 'a new kind of visit');
  await press(page, 'この診療を足す');
  await page.getByRole('heading', { level: 2, name: '自費相談' }).waitFor();
  const { items } = await ask(page, '/api/clinic/services');
  assert.equal(items.find((one) => one.name_ja === '自費相談').insured, false);
  // Nobody has booked it; the keyboard is enough to close it.
  const more = page.locator('summary', { hasText: 'この診療をやめる' });
  await more.focus();
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: 'この診療をやめる' }));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 2, name: '自費相談' }).waitFor({ state: 'detached' });
  const left = (await ask(page, '/api/clinic/services')).items;
  assert.ok(!left.some((one) => one.name_ja === '自費相談'));
});

test('who may give a kind of visit is not changed before it was shown whom that strands', async () => {
  const { page } = doctor;
  await page.goto(`${server.url}/staff/services`);
  const post = (path, body) => page.evaluate(async ([to, what]) => {
    const answer = await fetch(to, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(what) });
    return answer.json();
  }, [path, body]);
  const [facility] = (await ask(page, `/api/facilities?q=${encodeURIComponent('うみかぜ')}`)).items;
  const [service] = (await ask(page, '/api/clinic/services')).items;
  const { id } = people.find((one) => one.name === '海野 渚');
  const { days } = await ask(page, `/api/facilities/${facility.id}/slots?service=${service.id}&days=30&clinician=${id}`);
  const { start } = days.flatMap((day) => day.slots).at(-1);
  const held = await post('/api/clinic/bookings', { service_id: service.id, clinician_id: id, start });
  const { booking } = await post(`/api/clinic/bookings/${held.id}/confirm`, {
    for_whom: 'self', name: '残 留', kana: 'ノコリ トメ', birth_date: '1955-05-05', phone: '09055556666', language: 'ja',
    symptoms: '再診', consent: true, consent_method: 'spoken',
  });
  const givers = page.getByRole('group', { name: /この診療をする医師/ });
  await givers.getByLabel('風間 岬').check();
  await press(page, '保存する');
  const keep = page.getByRole('button', { name: '予約はこのままにして保存する' });
  await keep.waitFor();
  await page.getByRole('listitem').filter({ hasText: booking.number }).waitFor();
  await assertAccessible(page, 'whom other rules strand');
  const rules = async () => (await ask(page, '/api/clinic/services')).items.find((one) => one.id === service.id).rules;
  assert.deepEqual((await rules()).clinicians, [], 'nothing is kept yet');
  await tabTo(page, keep);
  await page.keyboard.press('Enter');
  await saved(page);
  assert.equal((await rules()).clinicians.length, 1);
  assert.ok((await ask(page, '/api/clinic/stranded')).items.some((one) => one.number === booking.number));
  await givers.getByLabel('風間 岬').uncheck();
  await press(page, '保存する');
  await until('everybody gives it again', async () => (await rules()).clinicians.length === 0);
});

test('when a doctor was trained is kept, and takes their times where there is no such day', async () => {
  const { page } = doctor;
  await page.goto(`${server.url}/staff/services`);
  const date = page.getByLabel('風間 岬 医師が研修を修了した日');
  await date.waitFor();
  assert.equal(await date.inputValue(), '2022-03-01');
  await date.fill('2999-01-01');
  await press(page, '風間 岬 医師の研修の日を保存する');
  await page.getByText('研修を修了した日が先の日付になっています。').first().waitFor();
  await assertAccessible(page, 'training');
  await date.fill('2021-04-01');
  await press(page, '風間 岬 医師の研修の日を保存する');
  await saved(page);
  const known = async () => (await ask(page, '/api/clinic/clinicians')).items.find((one) => one.name === '風間 岬').training_completed_on;
  assert.equal(await known(), '2021-04-01');
});
