// The prefecture's pages: series, indicators, upload of real lists, counts by area.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { closeAll, openProfile, screenshots, startServer } from './harness.mjs';
import { press, signIn, status } from './people.mjs';
import { SAITAMA, TOTTORI, missing } from './register.mjs';

const absent = missing(TOTTORI, SAITAMA);

let server;
let page;

before(async () => {
  server = await startServer();
  ({ page } = await openProfile({ name: 'official' }));
  await signIn(page, server.url, 'tokyo');
});
after(closeAll);

/** A table's rows, cell by cell. */
const cells = (table) =>
  table.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));

/** That the figure of the page is drawn, in the two meanings: it came, and it has a size. */
async function figureIsShown() {
  const image = page.locator('figure img');
  await image.waitFor();
  await page.waitForFunction(() => document.querySelector('figure img').complete);
  const size = await image.evaluate((img) => [img.naturalWidth, img.getBoundingClientRect().width]);
  assert.ok(size.every((width) => width > 200), `${size}`);
  assert.notEqual(await image.getAttribute('alt'), '');
}

/** Follows the link to the numbers and gives the file as lines, after looking at its mark of UTF-8. */
async function csv() {
  const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'CSV をダウンロード', 'link')]);
  assert.match(download.suggestedFilename(), /\.csv$/);
  const bytes = await readFile(await download.path());
  assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'Excel needs the mark to read it as UTF-8');
  return bytes.subarray(3).toString('utf8').split(/\r?\n/).filter(Boolean);
}

test('an official has the menu of the prefecture and nothing of a clinic', async () => {
  const menu = await page.getByRole('navigation', { name: 'メニュー' }).getByRole('link').allInnerTexts();
  assert.deepEqual(menu, ['届出数の推移', '指標', '公表値との突合', '機器の補助金', '地域別の届出数', '名簿の取り込み', '診察の件数', '予約と記録の突き合わせ', '届出の審査']);
  assert.equal(await status(page, '/api/admin/imports'), 200);
  assert.equal(await status(page, '/api/clinic/visits'), 403);
});

test('the series stands as figure and table, and no growth crosses the change of criterion', async () => {
  await page.goto(`${server.url}/staff/series`);
  await figureIsShown();
  const rows = await cells(page.getByRole('table'));
  assert.deepEqual(rows.map(([label, , count, growth]) => [label, count, growth]), [
    ['平成30年度', '108', '―'],
    ['令和元年度', '200', '85.2％'],
    ['令和2年度', '593', '196.5％'],
    ['令和3年度', '1,051', '77.2％'],
    ['令和4年度', '915', '―（注1）'],
    ['R5.7時点', '1,715', '―'],
  ]);
  assert.equal(new Set(rows.slice(0, 4).map((row) => row[1])).size, 1);
  assert.notEqual(rows[3][1], rows[4][1], 'another criterion from there on');
  const notes = await page.getByRole('list', { name: '注' }).innerText();
  assert.match(notes, /^注[1１]/);
  const text = await page.locator('main').innerText();
  assert.doesNotMatch(text, /12\.9|▲/, 'a fall across the break is no fall');
  await screenshots(page, 'official-series');
  const lines = await csv();
  assert.equal(lines.length, 7);
  assert.equal(lines[0], 'fiscal_year,as_of,criterion,facilities,year_end,growth');
  // Neither the year of the change nor a day within a year has a growth.
  assert.match(lines[5], /^2022,.*,ict_care,915,true,$/);
  assert.match(lines[6], /^2023,2023-07,ict_care,1715,false,$/);
});

test('the series speaks English too', async () => {
  await page.goto(`${server.url}/staff/series`);
  await press(page, 'English');
  await page.getByRole('columnheader', { name: 'Fiscal year' }).waitFor();
  await figureIsShown();
  const [head] = await cells(page.getByRole('table'));
  assert.equal(head[0], 'FY2018');
  await screenshots(page, 'official-series-en');
  await press(page, '日本語');
  await page.getByRole('columnheader', { name: '年度', exact: true }).waitFor();
});

test('each indicator is a share with its fraction and its source', async () => {
  await press(page, '指標', 'link');
  await page.getByRole('heading', { level: 1, name: '指標' }).waitFor();
  await page.getByRole('table').first().waitFor();
  const tables = await page.getByRole('table').count();
  assert.ok(tables >= 2, `${tables} tables`);
  for (let at = 0; at < tables; at += 1) {
    for (const [label, value, ...rest] of await cells(page.getByRole('table').nth(at))) {
      // The last column is what can be done with it.
      assert.ok(label && rest.at(-2), 'who says so');
      assert.match(value, /^\d+\.\d％|^[\d,]+$/);
    }
  }
  assert.match(await page.locator('main').innerText(), /\d％（[\d,]+\/[\d,]+）/);
  await screenshots(page, 'official-indicators');
});

/** Chooses a file and asks what is in it. */
async function look(file) {
  await page.getByLabel('名簿のファイル（.xlsx、.zip）').setInputFiles(file);
  await press(page, '内容を調べる');
}
const facts = () =>
  page.locator('.report .summary-row').evaluateAll((rows) =>
    Object.fromEntries(rows.map((row) => [row.querySelector('dt').innerText, row.querySelector('dd').innerText])),
  );
/** How many institutions of a prefecture the server counts. */
const counted = (code) =>
  page.evaluate(async (prefecture) => {
    const { rows } = await (await fetch('/api/counts?by=prefecture')).json();
    return rows.find((row) => row.code === prefecture)?.institutions ?? 0;
  }, code);

test('what is no list is refused by a sentence', async () => {
  await page.goto(`${server.url}/staff/imports`);
  await page.getByText('まだありません。').waitFor();
  await press(page, '内容を調べる');
  await page.locator('.error-summary').getByRole('link', { name: 'ファイルを選んでください' }).waitFor();
  await look({ name: '名簿.xlsx', mimeType: 'application/octet-stream', buffer: Buffer.from('これは表ではありません\n'.repeat(40)) });
  const alert = page.getByRole('alert').last();
  await alert.waitFor();
  assert.match(await alert.innerText(), /[ぁ-ん].*。/);
  assert.match(await page.title(), /^エラー/);
  await screenshots(page, 'official-import-refused');
  await page.getByText('まだありません。').waitFor();
});

test('a list is looked at, taken once, and not taken twice', { skip: absent, timeout: 120_000 }, async () => {
  await page.goto(`${server.url}/staff/imports`);
  await look(TOTTORI);
  await page.getByText('まだ取り込んでいません。内容を確かめてください').waitFor({ timeout: 60_000 });
  const found = await facts();
  assert.equal(found['都道府県'], '鳥取県（31）');
  assert.equal(found['行'], '9,294');
  assert.equal(found['医療機関（医科）'], '411');
  assert.equal(found['届出のない医療機関'], 'この名簿には出ません');
  assert.equal(found['情報通信機器を用いた診療'], '58（病院 14、有床診療所 3、無床診療所 41）');
  await screenshots(page, 'official-import-preview');
  // Looking keeps nothing.
  assert.equal(await counted('31'), 0);
  assert.equal((await page.evaluate(async () => (await fetch('/api/admin/imports')).json())).items.length, 0);

  await press(page, 'この内容で取り込む');
  await page.getByText('取り込みました', { exact: true }).waitFor({ timeout: 60_000 });
  await screenshots(page, 'official-import-done');
  await page.goto(`${server.url}/staff/imports`);
  await page.getByRole('cell', { name: '31_鳥取_届出受理医療機関名簿.xlsx' }).waitFor();
  assert.equal(await counted('31'), 411);

  await look(TOTTORI);
  await page.getByText('同じ名簿が、もう取り込まれています').waitFor({ timeout: 60_000 });
  assert.equal(await page.getByRole('button', { name: 'この内容で取り込む' }).count(), 0);
  await screenshots(page, 'official-import-again');
});

test('the counts of areas stand as bars, table and CSV', { skip: absent, timeout: 120_000 }, async () => {
  await page.goto(`${server.url}/staff/imports`);
  await look(SAITAMA);
  await page.getByText('まだ取り込んでいません。内容を確かめてください').waitFor({ timeout: 60_000 });
  await press(page, 'この内容で取り込む');
  await page.getByText('取り込みました', { exact: true }).waitFor({ timeout: 60_000 });

  await page.goto(`${server.url}/staff/counts?by=prefecture`);
  await figureIsShown();
  const prefectures = await cells(page.getByRole('table'));
  const row = (name) => prefectures.find(([label]) => label === name)?.slice(1);
  assert.deepEqual(row('埼玉県'), ['669', '75', '27', '567', '4,305', '15.5％（669/4,305）']);
  assert.deepEqual(row('鳥取県'), ['58', '14', '3', '41', '411', '設定なし']);
  await screenshots(page, 'official-counts-prefecture');
  const lines = await csv();
  assert.ok(lines.some((line) => line.includes('埼玉県') && line.includes('669')), lines.join('\n'));

  // The choice is the address's, and shows when that has changed.
  await page.getByLabel('区市町村').click();
  await page.getByLabel('都道府県', { exact: true }).last().selectOption('11');
  await page.getByRole('rowheader', { name: '川口市' }).waitFor();
  await figureIsShown();
  const towns = await cells(page.getByRole('table'));
  const sum = (column) => towns.reduce((total, town) => total + Number(town[column].replaceAll(',', '')), 0);
  assert.equal(sum(1), 669, 'the towns make the prefecture');
  assert.equal(sum(5), 4305);
  assert.ok(towns.length > 50, `${towns.length} towns`);
  await screenshots(page, 'official-counts-municipality');
  assert.equal((await csv()).length, towns.length + 2, 'a header, the towns and the sum');
});
