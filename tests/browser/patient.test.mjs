// What patients meet besides the plain way: a race for a time, a hold made longer, the browser's
// back button, errors, a change, a cancellation, English, letters twice as large, no mouse.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { closeAll, openProfile, screenshots, startServer, until } from './harness.mjs';
import { answerAll, bookFirstTime, fillBirthDate, press, tabTo } from './people.mjs';

const CLINIC = 'おとなし夜間休日オンライン診療所';

let server;
let clinic;
/** The address of the clinic's times. */
let times;
let person;
let page;

before(async () => {
  server = await startServer();
  const list = await (await fetch(`${server.url}/api/facilities?q=${encodeURIComponent('おとなし')}`)).json();
  times = `${server.url}/clinics/${list.items[0].id}/times?service=${list.items[0].next_free[0].service_id}`;
  clinic = await (await fetch(`${server.url}/api/facilities/${list.items[0].id}`)).json();
});
// Each test has a browser of its own: one person may not hold many times at once.
beforeEach(async () => {
  await person?.close();
  person = await openProfile({ name: 'patient' });
  page = person.page;
});
after(closeAll);

const heading = (name, level = 1) => page.getByRole('heading', { level, name, exact: true });
const booked = (id) => page.evaluate(async (one) => (await fetch(`/api/bookings/${one}`)).json(), id);

/** Takes a time of the clinic and waits for the first question. */
async function hold(place) {
  await page.goto(times);
  await page.locator('button.slot').nth(place).click();
  await page.getByText('この時間を おさえています').waitFor();
  return new URL(page.url()).pathname.split('/')[2];
}

test('of two who tap the same time one gets it, the other is told at once and takes a near one', async () => {
  const rival = await openProfile({ name: 'rival' });
  const both = [page, rival.page];
  for (const one of both) {
    await one.goto(times);
    await one.locator('button.slot').nth(3).waitFor();
  }
  const [wish, theirs] = await Promise.all(both.map((one) => one.locator('button.slot').nth(3).getAttribute('aria-label')));
  assert.equal(wish, theirs);
  await Promise.all(both.map((one) => one.getByRole('button', { name: wish, exact: true }).click()));
  const ends = await Promise.all(both.map((one) => Promise.race([
    one.getByText('この時間を おさえています').waitFor().then(() => 'held'),
    one.getByText('その時間は、たった今ほかの方が予約しました').waitFor().then(() => 'told'),
  ])));
  assert.deepEqual([...ends].sort(), ['held', 'told']);
  const loser = both[ends.indexOf('told')];
  const near = loser.getByRole('alert').getByRole('button');
  const labels = await near.allInnerTexts();
  assert.equal(labels.length, 3);
  assert.ok(!labels.includes(wish));
  await until('it is gone from the list', async () => (await loser.getByRole('button', { name: wish, exact: true }).count()) === 0);
  await screenshots(loser, 'patient-race-lost');
  await near.first().click();
  await loser.getByText('この時間を おさえています').waitFor();
  assert.equal(await loser.locator('.hold-time').innerText(), labels[0]);
  await rival.close();
});

test('a hold is made longer once', async () => {
  const id = await hold(4);
  const first = (await booked(id)).hold_expires_at;
  await page.waitForTimeout(1100);
  await press(page, '時間をのばす');
  await until('the button is gone', async () => (await page.getByRole('button', { name: '時間をのばす' }).count()) === 0);
  const later = await booked(id);
  assert.ok(Date.parse(later.hold_expires_at) > Date.parse(first), `${first} then ${later.hold_expires_at}`);
  assert.equal(later.hold_extendable, false);
});

test("the browser's back button keeps the answers", async () => {
  await hold(5);
  await page.getByLabel('家族').check();
  await page.getByLabel('親').check();
  await page.getByLabel('予約する方（あなた）のお名前').fill('音無 太郎');
  await screenshots(page, 'patient-family');
  await press(page, '次へ');
  await page.getByLabel('お名前').fill('音無 花');
  await page.getByLabel('フリガナ').fill('おとなし はな');
  await press(page, '次へ');
  await heading('受診する方の生年月日').waitFor();
  await page.goBack();
  await heading('受診する方のお名前').waitFor();
  assert.equal(await page.getByLabel('お名前').inputValue(), '音無 花');
  assert.equal(await page.getByLabel('フリガナ').inputValue(), 'おとなし はな');
  await page.goBack();
  await heading('どなたの受診ですか').waitFor();
  assert.ok(await page.getByLabel('親').isChecked());
  assert.equal(await page.getByLabel('予約する方（あなた）のお名前').inputValue(), '音無 太郎');
  await page.goForward();
  assert.equal(await page.getByLabel('お名前').inputValue(), '音無 花');
});

test('errors are told in a summary that has the focus and leads to the field', async () => {
  await hold(6);
  await press(page, '次へ');
  const summary = page.locator('.error-summary');
  await summary.waitFor();
  await page.getByLabel('自分').check();
  await press(page, '次へ');
  await heading('受診する方のお名前').waitFor();
  assert.doesNotMatch(await page.title(), /エラー/);
  await page.getByLabel('フリガナ').fill('音無');
  await press(page, '次へ');
  await summary.waitFor();
  assert.ok(await summary.evaluate((box) => box === document.activeElement), 'the summary has the focus');
  assert.match(await page.title(), /^エラー/);
  const links = await summary.getByRole('link').allInnerTexts();
  assert.equal(links.length, 2);
  // The same words stand beside each field, tied to it.
  for (const [label, text] of [['お名前', links[0]], ['フリガナ', links[1]]]) {
    const field = page.getByLabel(label);
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    const described = await field.evaluate((node) =>
      node.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id).innerText));
    assert.ok(described.includes(text), `${label}: ${described}`);
  }
  await screenshots(page, 'patient-errors');
  await summary.getByRole('link').nth(1).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'kana');
  await page.getByLabel('お名前').fill('音無 花');
  await page.getByLabel('フリガナ').fill('おとなし はな');
  await press(page, '次へ');
  await heading('受診する方の生年月日').waitFor();
  assert.doesNotMatch(await page.title(), /エラー/);
  await press(page, '次へ');
  await summary.getByRole('link').first().click();
  const focus = await page.evaluate(() => document.activeElement.tagName);
  assert.match(focus, /INPUT|SELECT/, 'the link of a group leads into its first field');
});

test('a booking is changed to another time, then cancelled', async () => {
  const { id } = await bookFirstTime(page, server.url, { name: '音無 花', kana: 'オトナシ ハナ', place: 8 });
  const old = await booked(id);
  await press(page, '日時を変更する', 'link');
  await heading('日時を変更する').waitFor();
  const slot = page.locator('button.slot').nth(10);
  const wish = await slot.getAttribute('aria-label');
  await slot.click();
  await page.getByText(wish).waitFor();
  await screenshots(page, 'patient-change');
  await press(page, 'この日時に変更する');
  await heading('ご予約').waitFor();
  await page.getByText('日時を変更しました').waitFor();
  assert.ok((await page.locator('.summary').innerText()).includes(wish));
  const moved = await booked(id);
  assert.notEqual(moved.start, old.start);
  assert.equal(moved.number, old.number);
  await screenshots(page, 'patient-changed');

  await press(page, '予約を取り消す', 'link');
  await heading('予約を取り消しますか').waitFor();
  await press(page, '予約を取り消す');
  await page.locator('.error-summary').getByRole('link', { name: '理由を選んでください' }).waitFor();
  await page.getByLabel('よくなった').check();
  await screenshots(page, 'patient-cancel');
  await press(page, '予約を取り消す');
  await heading('ご予約').waitFor();
  await page.getByText('この予約は取り消されました').waitFor();
  assert.equal((await booked(id)).status, 'cancelled');
  assert.match(await page.locator('.summary').innerText(), /取り消/);
  assert.equal(await page.getByRole('link', { name: '日時を変更する' }).count(), 0);
  await screenshots(page, 'patient-cancelled');
});

test('a link opens nothing for a wrong birth date', async () => {
  const { link, id } = await bookFirstTime(page, server.url, { name: '音無 花', kana: 'オトナシ ハナ', place: 9 });
  const finder = await openProfile({ name: 'finder' });
  await finder.page.goto(link);
  await fillBirthDate(finder.page);
  await finder.page.getByLabel('日', { exact: true }).fill('4');
  await press(finder.page, '予約を開く');
  const summary = finder.page.locator('.error-summary');
  await summary.waitFor();
  assert.match(await summary.innerText(), /生年月日/);
  assert.match(await finder.page.title(), /^エラー/);
  await screenshots(finder.page, 'patient-wrong-birth');
  assert.equal((await finder.context.cookies()).length, 0);
  assert.equal(await finder.page.evaluate(async (one) => (await fetch(`/api/bookings/${one}`)).status, id), 401);
  await finder.page.getByLabel('日', { exact: true }).fill('3');
  await press(finder.page, '予約を開く');
  await finder.page.getByRole('heading', { level: 1, name: 'あなたの予約' }).waitFor();
  await finder.close();
});

/** Every text of the page that a person reads or hears, and the title. */
const words = () =>
  page.evaluate(() => {
    const found = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!node.parentElement.closest('script, style, noscript')) found.push(node.textContent);
    }
    for (const node of document.querySelectorAll('[aria-label], [alt], [placeholder], [title]')) {
      for (const name of ['aria-label', 'alt', 'placeholder', 'title']) found.push(node.getAttribute(name) ?? '');
    }
    return found;
  });

/** Fails on Japanese that is no name: of the clinic, its place, its people, or what was typed. */
async function isEnglish(typed = []) {
  const list = (await (await fetch(`${server.url}/api/facilities`)).json()).items;
  const { items: places } = await (await fetch(`${server.url}/api/places`)).json();
  const names = [
    '日本語', ...typed, ...places.map((place) => place.name), ...clinic.clinicians.map((one) => one.name),
    ...list.flatMap((one) => [one.name, one.kana, one.address, ...one.departments]),
  ].sort((a, b) => b.length - a.length);
  const rest = (await words()).map((text) => names.reduce((left, name) => left.replaceAll(name, ''), text));
  const japanese = rest.filter((text) => /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}（）、。「」：]/u.test(text));
  assert.deepEqual(japanese, [], new URL(page.url()).pathname);
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
}

test('the whole way in English shows no Japanese but names', async () => {
  await page.goto(`${server.url}/?q=${encodeURIComponent('おとなし')}`);
  await press(page, 'English');
  await page.getByRole('link', { name: /Otonashi.*/ }).first().waitFor();
  const typed = ['おとなし', 'Hana Otonashi'];
  const at = async (name) => {
    await isEnglish(typed);
    await screenshots(page, `patient-en-${name}`);
  };
  await at('search');
  await page.getByRole('link', { name: /Choose/ }).first().click();
  await page.locator('button.slot').nth(11).waitFor();
  await at('times');
  await page.locator('button.slot').nth(11).click();
  await page.locator('#for_whom').waitFor();
  await at('who');
  const next = () => page.locator('form button[type=submit]').click();
  await next();
  await page.locator('.error-summary').waitFor();
  await isEnglish(typed);
  await page.locator('#for_whom').check();
  await next();
  await page.locator('#name').fill('Hana Otonashi');
  await page.locator('#kana').fill('Hana Otonashi');
  await at('name');
  await next();
  await page.locator('select').selectOption('western');
  for (const [label, value] of [['Year', '1948'], ['Month', '5'], ['Day', '3']]) {
    await page.getByLabel(label, { exact: true }).fill(value);
  }
  await at('birth');
  await next();
  await page.locator('#phone').fill('090-1234-5678');
  await at('contact');
  await next();
  await page.locator('#symptoms').fill('Coughing for three days');
  await at('symptoms');
  await next();
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  await at('check');
  await next();
  await page.locator('.number strong').waitFor();
  await at('done');
  await page.locator('.header-link').click();
  await page.locator('.card').waitFor();
  await isEnglish(typed);
  // The choice outlives a reload.
  await page.reload();
  await page.locator('.card').waitFor();
  await isEnglish(typed);
});

test('letters twice as large fit a telephone without sideways scrolling', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  const seen = [];
  await bookFirstTime(page, server.url, {
    name: '音無 花', kana: 'オトナシ ハナ', place: 6,
    look: async (name) => {
      const [width, size] = await page.evaluate(() => {
        // As somebody who has set this in the browser: all sizes follow the root's.
        document.documentElement.style.fontSize = '200%';
        return [document.documentElement.scrollWidth, getComputedStyle(document.body).fontSize];
      });
      assert.equal(size, '32px');
      assert.ok(width <= 360, `${name} is ${width} px wide`);
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('button, a, input, select, h1, h2, p, dd, label')]
          .filter((node) => node.getClientRects().length > 0 && !node.closest('.visually-hidden, .skip-link'))
          .filter((node) => node.getBoundingClientRect().right > 361 || node.getBoundingClientRect().left < -1)
          .map((node) => node.outerHTML.slice(0, 80)));
      assert.deepEqual(cut, [], name);
      await page.screenshot({ path: `${process.env.CARGO_TARGET_DIR ?? 'target'}/screens/patient-large-${name}.png` });
      seen.push(name);
    },
  });
  assert.deepEqual(seen, ['search', 'times', 'who', 'name', 'birth', 'check', 'done']);
});

test('a booking is made with the keyboard alone', async () => {
  const keys = page.keyboard;
  const submit = async (name) => {
    await tabTo(page, page.getByRole('button', { name, exact: true }));
    await keys.press('Enter');
  };
  /** After each step the focus stands on the new heading, where reading begins. */
  const arrived = async (title) => {
    await heading(title).waitFor();
    await until(`the focus is on ${title}`, () => heading(title).evaluate((node) => node === document.activeElement), 3_000);
  };
  await page.goto(server.url);
  await page.getByLabel('医療機関の名前、診療科、ことば').waitFor();
  await keys.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip-link');
  await tabTo(page, page.getByLabel('医療機関の名前、診療科、ことば'));
  await keys.insertText('おとなし');
  await keys.press('Enter');
  await page.getByText('1 件見つかりました').waitFor();
  await tabTo(page, page.getByRole('link', { name: `${CLINIC} の日時を選ぶ` }));
  await keys.press('Enter');
  await arrived('日時を選んでください');
  await page.locator('button.slot').nth(7).waitFor();
  await tabTo(page, page.locator('button.slot').nth(7));
  await keys.press('Enter');
  await heading('どなたの受診ですか').waitFor();
  await tabTo(page, page.getByLabel('自分'));
  await keys.press('Space');
  await submit('次へ');
  await arrived('受診する方のお名前');
  await tabTo(page, page.getByLabel('お名前'));
  // Nobody of the tests before: a clinic books one person only so often a day.
  await keys.insertText('鍵 花');
  await keys.press('Tab');
  await keys.insertText('カギ ハナ');
  await submit('次へ');
  await arrived('受診する方の生年月日');
  await tabTo(page, page.getByLabel('元号'));
  for (let presses = 0; (await page.getByLabel('元号').inputValue()) !== 'showa'; presses += 1) {
    assert.ok(presses < 10, 'Showa is in the list');
    await keys.press('ArrowDown');
  }
  for (const part of ['23', '5', '3']) {
    await keys.press('Tab');
    await keys.type(part);
  }
  await submit('次へ');
  await arrived('連絡先');
  await tabTo(page, page.getByLabel('電話番号'));
  await keys.type('090-1234-5678');
  await keys.press('Enter');
  await arrived('どのようなご相談ですか');
  await tabTo(page, page.getByLabel('いつから、どのような症状か'));
  await keys.insertText('三日前からせきが出ます');
  await submit('次へ');
  await arrived('内容を確かめてください');
  // One for online care, one for personal information.
  await page.getByRole('checkbox').nth(1).waitFor();
  await tabTo(page, page.getByRole('checkbox').last());
  await keys.press('Space');
  await page.keyboard.press('Shift+Tab');
  await tabTo(page, page.getByRole('checkbox').first(), { key: 'Shift+Tab' });
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(ring, 'solid', 'where the focus is can be seen');
  await keys.press('Space');
  await submit('この内容で予約する');
  await arrived('予約できました');
  assert.match(await page.locator('.number strong').innerText(), /^[0-9A-Z]{8}$/);
});

test('a clinic with questions of its own asks them, names its fees, and sends whoever needs help at once to the telephone', async () => {
  const found = await (await fetch(`${server.url}/api/facilities?q=kodama`)).json();
  const home = await (await fetch(`${server.url}/api/facilities/${found.items[0].id}`)).json();
  await page.goto(`${server.url}/clinics/${home.id}/times?service=${home.services[2].id}`);
  for (let week = 0; week < 4 && (await page.locator('button.slot').count()) === 0; week += 1) {
    await page.getByRole('button', { name: '次の7日' }).first().click();
    await page.locator('.day').first().waitFor();
    await page.waitForTimeout(500);
  }
  await page.locator('button.slot').nth(5).click();
  await page.getByText('この時間を おさえています').waitFor();
  await page.getByLabel('自分').check();
  await press(page, '次へ');
  await page.getByLabel('お名前').fill('試験 四郎');
  await page.getByLabel('フリガナ').fill('シケン シロウ');
  await press(page, '次へ');
  await fillBirthDate(page);
  await press(page, '次へ');
  await page.getByLabel('電話番号').fill('090-1234-5678');
  await press(page, '次へ');
  await page.getByLabel('いつから、どのような症状か').fill('三日前からせきが出ます');
  await press(page, '次へ');
  await heading('急いで診るほうがよいかの確認').waitFor();
  const flags = page.getByRole('group');
  await press(page, '次へ');
  await page.locator('.error-summary').waitFor();
  for (const flag of await flags.all()) await flag.getByLabel('いいえ').check();
  await flags.first().getByLabel('はい').check();
  await page.getByRole('link', { name: '救急車を呼ぶ 119' }).waitFor();
  await screenshots(page, 'patient-red-flag');
  await flags.first().getByLabel('いいえ').check();
  assert.equal(await page.getByRole('link', { name: '救急車を呼ぶ 119' }).count(), 0);
  await press(page, '次へ');
  await heading('医療機関からの質問').waitFor();
  await answerAll(page);
  await page.getByLabel('どれにもあてはまらない').check();
  await screenshots(page, 'patient-questions');
  await press(page, '次へ');
  await heading('内容を確かめてください').waitFor();
  await page.getByText(/割負担 約/).first().waitFor();
  const boxes = await page.getByRole('checkbox').all();
  assert.ok(boxes.length >= 2);
  for (const box of boxes) assert.equal(await box.isChecked(), false);
  await screenshots(page, 'patient-check-fees');
  for (const box of boxes) await box.check();
  await press(page, 'この内容で予約する');
  await page.waitForURL(/\/bookings\//);
  const id = new URL(page.url()).pathname.split('/').at(-1);
  assert.ok(['booked', 'requested'].includes((await booked(id)).status));
});

test('who finds no time that suits waits for one, sees it among the bookings, and may stop', async () => {
  await page.goto(times);
  await page.getByRole('link', { name: '空きを待つ' }).click();
  await heading('空きを待つ').waitFor();
  await press(page, '空きを待つ');
  await page.locator('.error-summary').waitFor();
  await page.getByLabel('自分').check();
  await page.getByLabel('お名前', { exact: true }).fill('試験 五郎');
  await page.getByLabel('フリガナ').fill('シケン ゴロウ');
  await fillBirthDate(page);
  await page.getByLabel('電話番号').fill('090-1234-5678');
  await page.getByRole('checkbox').check();
  await screenshots(page, 'patient-wait');
  await press(page, '空きを待つ');
  await heading('空きを待っています', 2).waitFor();
  await screenshots(page, 'patient-waiting');
  await press(page, `${CLINIC} の空きを待つのをやめる`);
  await until('nobody waits', async () => (await page.getByRole('heading', { name: '空きを待っています' }).count()) === 0);
});
