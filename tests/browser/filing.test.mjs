// A clinic notifies on the web, the prefecture reviews, and a reception facility comes to be: every
// step in a browser.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertAccessible } from './accessible.mjs';
import { closeAll, openProfile, screenshots, startServer } from './harness.mjs';
import { bookFirstTime, enterWaitingRoom, press, signIn, status } from './people.mjs';

let server;
let desk;
let tokyo;
let station;

before(async () => {
  server = await startServer();
  desk = (await openProfile({ name: 'desk' })).page;
  tokyo = (await openProfile({ name: 'tokyo' })).page;
  station = (await openProfile({ name: 'station' })).page;
  await signIn(desk, server.url, 'desk');
  await signIn(tokyo, server.url, 'tokyo');
  await signIn(station, server.url, 'station');
});
after(closeAll);

const title = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
/** What a row of a list of facts says. */
const fact = async (page, term) => {
  const row = page.locator('.summary-row').filter({ has: page.locator('dt', { hasText: new RegExp(`^${term}$`) }) });
  return (await row.first().locator('dd').first().innerText()).trim();
};
/** Shows the page in English, takes its picture, and goes back. */
async function inEnglish(page, heading, name) {
  await press(page, 'English');
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await screenshots(page, name);
  await press(page, '日本語');
}

/** Says of every demand on the page that it is met, and saves each. */
async function meetAll(page) {
  for (const form of await page.locator('form.panel').all()) {
    await form.getByLabel('満たす', { exact: true }).check();
    await form.getByLabel('それを示すもの').fill('院内で確かめた');
    if ((await form.getByLabel('掲載しているページ').count()) > 0) {
      await form.getByLabel('掲載しているページ').fill('https://otonashi.example/online');
      await form.getByLabel('ページを確かめた日').fill('2026-06-01');
      await form.getByLabel('ページの控えを取った日').fill('2026-06-01');
    }
    await form.getByRole('button', { name: 'この項目を保存する' }).click();
    await form.getByText('保存しました。').waitFor();
  }
}

/** Today in Tokyo. */
const today = () => new Date(Date.now() + 9 * 3600_000).toISOString().slice(0, 10);

test('who must notify by March sees it, and what is missing is said where it is missing', async () => {
  await press(desk, '届出', 'link');
  await title(desk, '届出');
  const due = desk.locator('.banner', { hasText: '期限のあるもの' });
  await due.waitFor();
  assert.match(await due.innerText(), /オンライン診療の届出（医療法）\s*2027年（令和9年）3月31日 まで（/);
  await screenshots(desk, 'filing-list');
  await assertAccessible(desk, 'filings');
  // Who wants to be told of it by mail says where.
  await desk.getByLabel('あなたのメールアドレス').fill('desk@otonashi');
  await press(desk, 'お知らせ先を保存する');
  await desk.locator('.error-summary').getByText('メールアドレスの形をお確かめください。').waitFor();
  await screenshots(desk, 'filing-letters-error');
  // Who cannot read it asks for the other language: the sentence is not left there in the first one.
  await press(desk, 'English');
  await desk.locator('.error-summary').waitFor({ state: 'detached' });
  await press(desk, 'Save where to write');
  await desk.locator('.error-summary').getByText(/address/i).waitFor();
  await press(desk, '日本語');
  await desk.getByLabel('あなたのメールアドレス').fill('desk@otonashi.example');
  await press(desk, 'お知らせ先を保存する');
  await desk.locator('.banner', { hasText: '保存しました' }).waitFor();
  await screenshots(desk, 'filing-letters');
  assert.equal(await desk.locator('.banner', { hasText: '保存しました' }).count(), 1, 'it stays to be read');
  await inEnglish(desk, 'Filing', 'filing-letters-en');
  await desk.reload();
  await desk.getByLabel('あなたのメールアドレス').waitFor();
  assert.equal(await desk.getByLabel('あなたのメールアドレス').inputValue(), 'desk@otonashi.example');
  await press(desk, '施設基準の届出を書く');
  await title(desk, /施設基準の届出/);
  await press(desk, '提出する');
  const summary = desk.locator('.error-summary');
  await summary.waitFor();
  const said = await summary.innerText();
  assert.match(said, /示されていません/, said);
  // Each says of which field it is: eleven times the same words lead nowhere.
  const links = await summary.getByRole('link').allInnerTexts();
  assert.equal(links[0], '開設者の氏名または名称：入力してください。');
  assert.equal(new Set(links).size, links.length, said);
  await summary.getByRole('link').first().click();
  assert.equal(await desk.evaluate(() => document.activeElement.id), 'form-founder');
  await screenshots(desk, 'filing-missing');
  await assertAccessible(desk, 'filing with errors');
  await inEnglish(desk, /Notification of facility criteria/, 'filing-missing-en');
});

test('a criterion is filled in with its evidence and handed in', async () => {
  for (const [label, text] of [
    ['開設者の氏名または名称', '医療法人おとなし'],
    ['管理者の氏名', '音無 静'],
    ['届出の担当者と電話番号', '受付 花 0120-000-101'],
    ['指針に沿って診療を行う体制', '本人確認と診療計画をこのサービスで行う'],
    ['対面診療を行う体制', '平日の日中に来院できる'],
  ]) await desk.getByLabel(label).fill(text);
  await desk.getByLabel(/向精神薬を初診で処方しないことを掲げる場所/).fill('ウェブサイト');
  // Who gives care outside is asked more.
  await desk.getByRole('group', { name: /医師が医療機関の外で診療する予定/ }).getByLabel('ある', { exact: true }).check();
  await desk.getByLabel('診療する場所', { exact: true }).waitFor();
  await desk.getByRole('group', { name: /医師が医療機関の外で診療する予定/ }).getByLabel('ない', { exact: true }).check();
  assert.equal(await desk.getByLabel('診療する場所', { exact: true }).count(), 0);
  await meetAll(desk);
  await screenshots(desk, 'filing-written');
  await press(desk, '提出する');
  await desk.getByText('提出済み').first().waitFor();
  assert.equal(await fact(desk, '管理者の氏名'), '音無 静');
  await screenshots(desk, 'filing-handed-in');
});

test('it is given back with a remark, corrected, accepted, and in effect', async () => {
  await tokyo.goto(`${server.url}/staff/reviews`);
  await title(tokyo, '届出の審査');
  await tokyo.getByText(/2026年4月1日から続けている 4 機関のうち、届出があったのは 0 機関/).waitFor();
  await screenshots(tokyo, 'filing-reviews');
  await assertAccessible(tokyo, 'reviews');
  await inEnglish(tokyo, 'Review of notifications', 'filing-reviews-en');
  await tokyo.getByRole('link', { name: 'おとなし夜間休日オンライン診療所' }).click();
  await title(tokyo, /施設基準の届出/);
  assert.equal(await fact(tokyo, '状態'), '提出済み');
  // Without a reason nothing is given back.
  await press(tokyo, '補正のため返す');
  await tokyo.locator('.error-summary').waitFor();
  await tokyo.getByLabel('返す理由').fill('掲示の場所が分かりません');
  await tokyo.getByLabel('指摘する項目を足す').selectOption({ label: '向精神薬を初診で処方しないことを掲げる場所（ウェブサイトなど）' });
  await tokyo.getByLabel(/への指摘/).fill('ページの名前も書いてください');
  await screenshots(tokyo, 'filing-review');
  await assertAccessible(tokyo, 'review');
  await press(tokyo, '補正のため返す');
  await tokyo.getByText('補正のため返却').first().waitFor();

  await desk.reload();
  await desk.getByText('補正してください').waitFor();
  await desk.getByText('指摘：ページの名前も書いてください').waitFor();
  await screenshots(desk, 'filing-returned');
  await desk.getByLabel(/向精神薬を初診で処方しないことを掲げる場所/).fill('ウェブサイト「オンライン診療について」');
  await press(desk, '提出する');
  await desk.getByText('再提出済み').first().waitFor();

  await tokyo.reload();
  await tokyo.getByLabel('受理番号').fill('（情報通信）第１２３号');
  await tokyo.getByLabel('受理した日').fill('2020-01-01');
  await tokyo.getByLabel(/有効になる日/).fill(today());
  await press(tokyo, '受理する');
  await tokyo.locator('.error-summary').getByText('受理した日が提出より前になっています。').waitFor();
  await tokyo.getByLabel('受理した日').fill(today());
  await press(tokyo, '受理する');
  await tokyo.getByText('有効になった').waitFor();
  assert.equal(await fact(tokyo, '受理番号'), '(情報通信)第123号');
  assert.equal(await fact(tokyo, '状態'), '有効');
  const steps = await tokyo.locator('ol > li > strong').allInnerTexts();
  assert.deepEqual(steps, ['提出', '返却', '再提出', '受理する（記録）', '有効になった']);
  await screenshots(tokyo, 'filing-accepted');
});

test('the data sheet is laid out for paper and works without scripts', async () => {
  await desk.goto(`${server.url}/staff/filings`);
  await desk.getByRole('link', { name: '施設基準の届出' }).click();
  const address = await desk.getByRole('link', { name: '印刷用の用紙（別の画面）' }).getAttribute('href');
  await desk.goto(server.url + address);
  await title(desk, /様式1 記載事項/);
  const text = await desk.locator('main').innerText();
  for (const there of ['1319990010', '音無 静', 'https://otonashi.example/online', '(情報通信)第123号', 'ア ', 'エ ']) {
    assert.ok(text.includes(there), `${there}: ${text}`);
  }
  assert.equal(await desk.locator('script').count(), 0);
  await screenshots(desk, 'filing-form1');
  await assertAccessible(desk, 'form 1');
  // On paper: A4, upright, and no more sheets than its lines need.
  const pdf = (await desk.pdf({ preferCSSPageSize: true })).toString('latin1');
  const sheets = [...pdf.matchAll(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]/g)].map((found) => [Math.round(found[1]), Math.round(found[2])]);
  assert.ok(sheets.length >= 1 && sheets.length <= 3, `${sheets.length} sheets`);
  for (const sheet of sheets) assert.deepEqual(sheet, [595, 842]);
  await desk.getByRole('link', { name: 'English' }).click();
  await title(desk, /Form 1 data sheet/);
  await screenshots(desk, 'filing-form1-en');
});

test('a reception facility comes to be: its name, its clinic, its notification', async () => {
  await title(station, '受診施設');
  const menu = await station.getByRole('navigation', { name: 'メニュー' }).getByRole('link').allInnerTexts();
  assert.deepEqual(menu, ['受診施設', '届出']);
  assert.equal(await status(station, '/api/clinic/visits'), 403);
  for (const [label, text] of [
    ['設置者の氏名または名称', '株式会社えきなか'], ['施設の名前', '駅前オンライン診療所'],
    ['住所（車両は置き場所）', '東京都新宿区仮想町1-1'], ['電話番号', '03-0000-0001'],
    [/24時間の連絡先/, '0120-000-024'], [/利用料/, '550'],
  ]) await station.getByLabel(label).fill(text);
  await station.getByLabel('市区町村').selectOption({ label: '新宿区' });
  await press(station, 'この施設を登録する');
  await station.locator('.error-summary').getByText(/紛らわしい名前/).waitFor();
  await screenshots(station, 'filing-site-name');
  await station.getByLabel('施設の名前').fill('えきなか受診ブース');
  await press(station, 'この施設を登録する');
  await station.getByRole('heading', { level: 2, name: 'えきなか受診ブース' }).waitFor();
  await station.getByLabel('連携をお願いする医療機関').selectOption({ label: 'おとなし夜間休日オンライン診療所' });
  await press(station, 'お願いする');
  await station.getByText('医療機関の確認待ち').waitFor();
  await screenshots(station, 'filing-site');
  await assertAccessible(station, 'sites');

  await desk.goto(`${server.url}/staff/reception`);
  await desk.getByLabel('確かめた内容').fill('防音の個室で、連絡先が貼ってある');
  await screenshots(desk, 'filing-asked');
  await press(desk, '適していることを確かめた');
  await desk.getByRole('button', { name: '連携をやめる' }).waitFor();

  await press(station, '届出', 'link');
  await press(station, 'えきなか受診ブース の届出を書く');
  await title(station, /オンライン診療受診施設の届出/);
  await station.getByLabel(/設置者の住所/).fill('東京都新宿区仮想町1-1');
  await station.getByLabel(/開設した日/).fill(today());
  await station.getByLabel(/診察を受ける場所の広さ/).fill('1.5畳、防音');
  await station.getByLabel(/備える機器/).fill('端末2台');
  await meetAll(station);
  await press(station, '提出する');
  await station.getByText('提出済み').first().waitFor();
  assert.equal(await fact(station, '連携する医療機関'), 'おとなし夜間休日オンライン診療所');
  await screenshots(station, 'filing-site-handed-in');
});

test('accepted, it is where a patient can be: chosen, it fills in its address; and its rooms come and go', { timeout: 240_000 }, async () => {
  await tokyo.goto(`${server.url}/staff/reviews`);
  await tokyo.getByRole('link', { name: 'えきなか受診ブース' }).click();
  await tokyo.getByLabel('受理番号').fill('受診第1号');
  await tokyo.getByLabel('受理した日').fill(today());
  await tokyo.getByLabel(/有効になる日/).fill(today());
  await press(tokyo, '受理する');
  await tokyo.getByText('有効になった').waitFor();

  await press(station, '受診施設', 'link');
  await title(station, '受診施設');
  for (const room of ['ブース1', 'ブース2']) {
    await station.getByLabel('部屋の名前').fill(room);
    await press(station, '部屋を足す');
    await station.getByRole('button', { name: `部屋「${room}」をなくす` }).waitFor();
  }
  await screenshots(station, 'filing-site-rooms');
  await inEnglish(station, 'Reception facility', 'filing-site-rooms-en');
  await press(station, '部屋「ブース2」をなくす');
  await station.getByRole('button', { name: '部屋「ブース2」をなくす' }).waitFor({ state: 'detached' });
  assert.equal(await station.getByRole('button', { name: '部屋「ブース1」をなくす' }).count(), 1);
  await assertAccessible(station, 'rooms of a site');

  const patient = (await openProfile({ name: 'patient', camera: true })).page;
  const { link } = await bookFirstTime(patient, server.url, { name: '音無 花', kana: 'オトナシ ハナ' });
  await enterWaitingRoom(patient, link, { place: false });
  assert.equal(await patient.getByLabel('届け出のある受診施設').count(), 0, 'at home there is nothing to choose');
  await patient.getByLabel('どこにいますか').selectOption({ label: 'オンライン診療受診施設' });
  const choice = patient.getByLabel('届け出のある受診施設');
  await choice.selectOption({ label: 'えきなか受診ブース（東京都新宿区仮想町1-1）' });
  const address = patient.getByLabel('そのあとの住所');
  assert.equal(await address.inputValue(), '仮想町1-1 えきなか受診ブース');
  assert.equal(await patient.getByLabel('市区町村').inputValue(), '131041');
  await address.fill('仮想町1-1 えきなか受診ブース ブース1');
  await screenshots(patient, 'place-at-site');
  await assertAccessible(patient, 'the place at a reception facility');
  await press(patient, 'English');
  await patient.getByText('A reception facility that is notified').waitFor();
  await screenshots(patient, 'place-at-site-en');
  await press(patient, '日本語');
  await patient.getByLabel('緊急のときに連絡する方のお名前').fill('星野 夜空');
  await patient.getByLabel('その方の電話番号').fill('080-5550-0147');
  await patient.getByLabel('話を聞かれて困る人はいません').check();
  await press(patient, 'この場所を知らせる');
  await patient.getByText('うかがいました').waitFor();
  await patient.getByText('東京都新宿区仮想町1-1 えきなか受診ブース ブース1').waitFor();

  // Where nothing is notified there is nothing to choose, and the address is written.
  await press(patient, '場所を直す');
  await patient.getByLabel('都道府県').selectOption({ label: '埼玉県' });
  await patient.getByText('ここに届け出のある受診施設は、見つかりません').waitFor();
});

test('the self-check of the year is recorded', async () => {
  await desk.goto(`${server.url}/staff/self-check`);
  await title(desk, '施設基準の自己点検');
  await press(desk, '自己点検を記録する');
  await desk.locator('.error-summary').waitFor();
  assert.equal(await desk.locator('.error-summary li').count(), 4);
  for (const panel of await desk.locator('form .panel').all()) {
    await panel.getByLabel('満たす', { exact: true }).check();
    await panel.getByLabel('それを示すもの').fill('変わりなし');
  }
  await desk.getByLabel('掲載しているページ').fill('https://otonashi.example/online');
  await desk.getByLabel('ページを確かめた日').fill('2026-06-01');
  await desk.getByLabel('ページの控えを取った日').fill('2026-06-01');
  await screenshots(desk, 'filing-self-check');
  await assertAccessible(desk, 'self-check');
  await press(desk, '自己点検を記録する');
  await desk.getByText(/8月1日現在：満たさない項目 0/).waitFor();
  await tokyo.goto(`${server.url}/staff/reviews`);
  await tokyo.getByText('おとなし夜間休日オンライン診療所：済み（すべて満たす）').waitFor();
});
