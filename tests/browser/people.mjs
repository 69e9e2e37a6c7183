// What people do in the pages, as functions: a patient who books and waits, a doctor who admits.

import { until } from './harness.mjs';

/** The password of every account of the demo. */
export const DEMO_PASSWORD = 'onshin-demo-2026';

/** Clicks the button, or the link, of this name. */
export const press = (page, name, role = 'button') => page.getByRole(role, { name, exact: true }).click();

/**
 * Books the first free time of the clinic that is always open, for herself.
 * `place` takes a later one: the first few are too near to be changed. Gives `{ number, link, id }`.
 * `look(name)` is called at each screen.
 */
export async function bookFirstTime(page, url, { name, kana, place = 0, look = async () => {} }) {
  await page.goto(`${url}/?q=${encodeURIComponent('おとなし')}`);
  await page.getByRole('link', { name: 'おとなし夜間休日オンライン診療所 の日時を選ぶ' }).waitFor();
  await look('search');
  await page.getByRole('link', { name: 'おとなし夜間休日オンライン診療所 の日時を選ぶ' }).click();
  await page.locator('button.slot').first().waitFor();
  await look('times');
  await page.locator('button.slot').nth(place).click();
  await page.getByText('この時間を おさえています').waitFor();
  await look('who');
  await page.getByLabel('自分').check();
  await press(page, '次へ');
  await page.getByLabel('お名前').fill(name);
  await page.getByLabel('フリガナ').fill(kana);
  await look('name');
  await press(page, '次へ');
  await fillBirthDate(page);
  await look('birth');
  await press(page, '次へ');
  await page.getByLabel('電話番号').fill('090-1234-5678');
  await press(page, '次へ');
  await page.getByLabel('いつから、どのような症状か').fill('三日前からせきが出ます');
  await press(page, '次へ');
  await page.getByRole('heading', { level: 1, name: '内容を確かめてください' }).waitFor();
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  await look('check');
  await press(page, 'この内容で予約する');
  await page.getByRole('heading', { level: 1, name: '予約できました' }).waitFor();
  await look('done');
  const id = new URL(page.url()).pathname.split('/').at(-1);
  const link = await until('the link is shown', () => linkOn(page));
  const number = await page.locator('.number strong').innerText();
  return { id, link, number };
}

/** The booking's link, wherever the page shows it. */
async function linkOn(page) {
  const texts = await page.evaluate(() =>
    [...document.querySelectorAll('input, a, code, p, output')].map((node) => node.value || node.href || node.textContent),
  );
  return texts.map((text) => /https?:\/\/[^\s"]+\/visit#[\w-]+/.exec(text ?? '')?.[0]).find(Boolean);
}

/** 3 May of the 23rd year of Showa, as a senior writes it. */
export async function fillBirthDate(page) {
  await page.getByLabel('元号').selectOption('showa');
  await page.getByLabel('年', { exact: true }).fill('23');
  await page.getByLabel('月', { exact: true }).fill('5');
  await page.getByLabel('日', { exact: true }).fill('3');
}

/** Answers whatever a page of questions shows, until nothing new comes up. */
export async function answerAll(page) {
  for (let round = 0; round < 4; round += 1) {
    for (const group of await page.getByRole('group').all()) {
      if ((await group.locator('input:checked').count()) > 0) continue;
      await group.locator('input').first().check();
    }
    for (const field of await page.locator('form textarea, form input.input').all()) {
      if ((await field.inputValue()) !== '') continue;
      const numeric = (await field.getAttribute('inputmode')) === 'decimal';
      await field.fill((await field.getAttribute('type')) === 'date' ? '2020-05-03' : numeric ? '37' : 'なし');
    }
  }
}

/**
 * Opens the link and waits: on a browser that knows nothing the birth date is asked for, on one that
 * opened the booking before nothing has to be pressed. `expects` is what the waiting room says.
 */
export async function enterWaitingRoom(page, link, { look = async () => {}, expects = '次はあなたの番です', place = true } = {}) {
  await page.goto(link);
  await enterVisit(page, { look });
  await page.getByRole('heading', { level: 1, name: '待合室' }).waitFor({ timeout: 30_000 });
  await page.getByText(expects).waitFor({ timeout: 20_000 });
  if (place) await tellPlace(page, { look });
  await look('waiting');
}

/** From the opened link to where the check goes on by itself. */
export async function enterVisit(page, { look = async () => {} } = {}) {
  const title = page.getByRole('heading', { level: 1, name: /予約を開きます|カメラとマイクの確認|待合室|診察/ });
  await title.waitFor();
  if (new URL(page.url()).hash !== '') throw new Error('the secret stayed in the address bar');
  if ((await title.textContent()) !== '予約を開きます') return;
  await look('link');
  await fillBirthDate(page);
  await press(page, '予約を開く');
  await page.getByRole('heading', { level: 1, name: 'カメラとマイクの確認' }).waitFor();
  await look('device-check');
}

/** Says in the waiting room where the patient is, unless that is known; without it nobody is let in. */
export async function tellPlace(page, { look = async () => {} } = {}) {
  await page.getByRole('heading', { level: 2, name: '今いる場所' }).waitFor();
  const known = page.getByText('うかがいました').or(page.getByRole('button', { name: 'はい、ここにいます' }));
  const form = page.getByRole('button', { name: 'この場所を知らせる' });
  await known.or(form).first().waitFor();
  await look('place');
  if (await form.isVisible()) {
    await page.getByLabel('市区町村').selectOption({ label: '新宿区' });
    await page.getByLabel('そのあとの住所').fill('架空町9-8-7 三日月荘305号室');
    await page.getByLabel('緊急のときに連絡する方のお名前').fill('星野 夜空');
    await page.getByLabel('その方の電話番号').fill('080-5550-0147');
    await page.getByLabel('話を聞かれて困る人はいません').check();
    await form.click();
  } else if (await page.getByRole('button', { name: 'はい、ここにいます' }).isVisible()) {
    await press(page, 'はい、ここにいます');
  }
  await page.getByText('うかがいました').waitFor();
}

/** The doctor's last page of a visit that took place: the plain case, as it is closed every time. */
export async function closeVisit(page, { look = async () => {} } = {}) {
  await page.getByLabel('診察した').check();
  // Of a first visit: who the patient is, on what it rests, and what follows.
  await page.getByLabel('顔写真のある証明書').check();
  await page.getByLabel('初診の根拠').selectOption({ label: '医学的情報が十分にある' });
  await page.getByLabel('お薬手帳').check();
  await press(page, 'いつもの文を入れる（日本語）');
  await page.getByLabel('メモ').fill('一週間後に再診');
  await look('close');
  await press(page, '保存して閉じる');
  await page.getByText('診察を閉じました').waitFor();
}

/** Signs in a member of staff. */
export async function signIn(page, url, login) {
  await page.goto(`${url}/staff`);
  await page.getByLabel('ログイン名').fill(login);
  await page.getByLabel('パスワード').fill(DEMO_PASSWORD);
  await press(page, 'ログインする');
  await page.getByRole('navigation', { name: 'メニュー' }).waitFor();
}

/** The status that the server answers to a call of the page's own origin. */
export const status = (page, path, method = 'GET') =>
  page.evaluate(async ([to, how]) => (await fetch(to, { method: how })).status, [path, method]);

/** Presses Tab until the focus is on `target`; fails when it cannot be reached so. */
export async function tabTo(page, target, { most = 300, key = 'Tab' } = {}) {
  const element = await target.first().elementHandle();
  for (let presses = 0; presses <= most; presses += 1) {
    if (await element.evaluate((node) => node === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`not reached by ${most} times ${key}: ${target}`);
}
