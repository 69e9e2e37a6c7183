// A bureau's list from the file to the register and back: what an official sees of it. The lists are a
// real one and the same a month and two months later, with edits whose effects are known.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { closeAll, openProfile, screenshots, startServer } from './harness.mjs';
import { press, signIn } from './people.mjs';
import { TOTTORI, missing } from './register.mjs';
import { textsOf, withTexts } from './xlsx.mjs';

const absent = missing(TOTTORI);
const options = { skip: absent, timeout: 180_000 };

let server;
let page;

before(async () => {
  server = await startServer();
  ({ page } = await openProfile({ name: 'lists' }));
  await signIn(page, server.url, 'tokyo');
});
after(closeAll);

const bytes = absent ? undefined : await readFile(TOTTORI);
const day = (month) => ['令和７年１０月１日 現在', `令和７年${month}月１日 現在`];
const file = (name, buffer) => ({ name, buffer, mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' });

/** Chooses a file and asks what is in it. */
async function look(chosen) {
  await page.goto(`${server.url}/staff/imports`);
  await page.getByLabel('名簿のファイル（.xlsx、.zip）').setInputFiles(chosen);
  await press(page, '内容を調べる');
  await page.getByRole('heading', { level: 1, name: '名簿の内容' }).waitFor({ timeout: 60_000 });
  await page.getByText('まだ取り込んでいません。内容を確かめてください').waitFor({ timeout: 60_000 });
}

async function keep() {
  await press(page, 'この内容で取り込む');
  await page.getByText('取り込みました', { exact: true }).waitFor({ timeout: 60_000 });
}

/** The table of counters: its rows of numbers. */
const counters = () =>
  page.getByRole('region', { name: '変わるところ' }).locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.cells].slice(1).map((cell) => cell.innerText.trim())));

/** Opens the rows of one counter and gives their cells. */
async function open(thing, kind) {
  await page.getByRole('button', { name: new RegExp(`^${thing} ${kind} [\\d,]+ の行$`) }).click();
  const section = page.getByRole('region', { name: `${thing}：${kind}` }).last();
  await section.getByRole('table').waitFor();
  return section.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
}

/** Institutions and accepted ones of Tottori, as the register has them. */
const counted = () =>
  page.evaluate(async () => {
    const { rows } = await (await fetch('/api/counts?by=prefecture')).json();
    const row = rows.find(({ code }) => code === '31');
    return [row?.institutions ?? 0, row?.facilities ?? 0];
  });

let renamed;
let broken;

test('a real list is looked at row by row, and then kept', options, async () => {
  await look(TOTTORI);
  assert.deepEqual(await counters(), [['411', '0', '0', '0', '0'], ['58', '0', '0', '0', '0']]);
  await screenshots(page, 'lists-preview');
  const first = await open('医療機関', '新規');
  assert.equal(first.length, 50);
  await screenshots(page, 'lists-rows');
  await press(page, '次の50件');
  await page.getByText('2 ページ目').waitFor();
  await page.locator('.stacked tbody tr').first().waitFor();
  // The choice of rows is the address's: it can be passed on.
  assert.match(page.url(), /thing=institution&kind=new&page=2/);
  await page.reload();
  await page.getByText('2 ページ目').waitFor();
  const accepted = await open('届出', '新規');
  assert.equal(accepted.length, 50);
  renamed = accepted[0][1];
  broken = accepted[1][0];
  assert.deepEqual(await counted(), [0, 0], 'looking keeps nothing');
  await keep();
  assert.deepEqual(await counted(), [411, 58]);
  await page.goto(`${server.url}/staff/imports`);
  await page.getByRole('link', { name: '31_鳥取_届出受理医療機関名簿.xlsx' }).waitFor();
});

test('the next list shows what changed, what is gone and what is wrong, and can be taken back', options, async () => {
  const number = broken.slice(3);
  const next = withTexts(bytes, [day('１１'), [`>${renamed}<`, '>名前の変わった診療所<'], [`>${number}<`, `>${number.slice(0, 6)}X<`]]);
  await look(file('11月.xlsx', next));
  const [institutions, notifications] = await counters();
  assert.deepEqual(institutions.slice(0, 4), ['0', '1', '1', '409']);
  assert.ok(Number(institutions[4]) >= 1, institutions[4]);
  assert.deepEqual(notifications, ['0', '0', '1', '57', '0']);
  const [changed] = await open('医療機関', '変更');
  assert.ok(changed[2].includes(`${renamed} → 名前の変わった診療所`), changed[2]);
  await screenshots(page, 'lists-changed');
  const [lapsed] = await open('医療機関', '失効');
  assert.equal(lapsed[0], broken);
  const [wrong] = await open('医療機関', 'エラー');
  assert.match(wrong[1], /医療機関番号が7桁の数字ではありません/);
  await screenshots(page, 'lists-errors');
  const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'エラーと注意の行を Excel で受け取る', 'link')]);
  assert.equal(download.suggestedFilename(), 'import-errors.xlsx');
  const texts = textsOf(await readFile(await download.path()), 'xl/sharedStrings.xml');
  assert.match(texts, /理由.*取り込まない.*医療機関番号が7桁の数字ではありません/s);
  await keep();
  assert.deepEqual(await counted(), [410, 57]);

  await page.goto(`${server.url}/staff/imports`);
  await screenshots(page, 'lists-history');
  await page.getByRole('button', { name: /の取り込みを取り消す$/ }).click();
  await page.getByRole('dialog', { name: 'この取り込みを取り消しますか' }).waitFor();
  await screenshots(page, 'lists-undo');
  await press(page, '取り消して元に戻す');
  await page.getByText(/^取り消しました。登録は、取り込む前のとおりです/).waitFor({ timeout: 60_000 });
  assert.deepEqual(await counted(), [411, 58]);
  // Now the first can be taken back, and the second stands there as taken back.
  assert.equal(await page.getByRole('button', { name: /の取り込みを取り消す$/ }).count(), 1);
  assert.equal(await page.getByText(/に取り消し$/).count(), 1);
  await screenshots(page, 'lists-undone');
});

test('a fall of more than five percent needs a tick', options, async () => {
  await look(file('12月.xlsx', withTexts(bytes, [day('１２'), ['>情報通信<', '>別の記号<']])));
  await page.getByText('情報通信機器を用いた診療: 58 → 0').waitFor();
  await screenshots(page, 'lists-fall');
  await press(page, 'この内容で取り込む');
  await page.locator('.error-summary').getByRole('link', { name: '減っていることを確かめて、チェックを入れてください' }).waitFor();
  assert.deepEqual(await counted(), [411, 58]);
  await page.getByLabel('前の名簿にあったものが5％を超えて消えていることを確かめました').check();
  await keep();
  assert.deepEqual(await counted(), [411, 0]);
  await page.goto(`${server.url}/staff/imports`);
  await page.getByRole('button', { name: /の取り込みを取り消す$/ }).click();
  await press(page, '取り消して元に戻す');
  await page.getByText(/^取り消しました。/).waitFor({ timeout: 60_000 });
  assert.deepEqual(await counted(), [411, 58]);
});

test('a list that nobody wants is thrown away, and a draft waits meanwhile', options, async () => {
  await look(file('11月.xlsx', withTexts(bytes, [day('１１')])));
  await page.goto(`${server.url}/staff/imports`);
  await page.getByRole('heading', { name: '調べたまま、まだ取り込んでいない名簿' }).waitFor();
  await screenshots(page, 'lists-waiting');
  await page.getByRole('link', { name: '11月.xlsx' }).first().click();
  await press(page, '取り込まずに捨てる');
  await page.getByRole('heading', { level: 1, name: '名簿の取り込み' }).waitFor();
  await page.getByRole('heading', { name: 'これまでの取り込み' }).waitFor();
  await page.getByRole('heading', { name: '調べたまま、まだ取り込んでいない名簿' }).waitFor({ state: 'detached' });
});

test('it speaks English', options, async () => {
  await look(file('11月.xlsx', withTexts(bytes, [day('１１')])));
  await press(page, 'English');
  await page.getByText('Nothing has been imported yet').waitFor();
  await page.getByRole('columnheader', { name: 'Unchanged' }).waitFor();
  await page.getByRole('heading', { level: 2, name: /^Tottori, as of 1 November 2025/ }).waitFor();
  // What the server says of a row is said in the language of the page, whenever that changes.
  await page.getByRole('button', { name: /^Rows: Institutions, Unchanged/ }).click();
  const row = page.getByRole('region', { name: 'Institutions: Unchanged' }).last().locator('tbody tr').first();
  await row.getByText(/^Postal code: /).waitFor();
  await press(page, '日本語');
  await page.getByText(/^郵便番号: /).first().waitFor();
  await press(page, 'English');
  await row.getByText(/^Postal code: /).waitFor();
  await screenshots(page, 'lists-en');
  await press(page, '日本語');
});
