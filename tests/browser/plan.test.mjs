// The figures of the medical care plan: the sheet as a file on paper, its pages, and what the
// prefecture enters.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { assertAccessible } from './accessible.mjs';
import { closeAll, openProfile, screenshots, startServer } from './harness.mjs';
import { press, signIn } from './people.mjs';
import { onshin } from './register.mjs';

const NIGHT = '1319990010';

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
  table.locator('tr').evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));

/** Prints what a page shows as its own styles say, and reads the paper: `{ text, pages }`. */
async function printed(name) {
  const file = join(server.folder, `${name}.pdf`);
  await writeFile(file, await page.pdf({ preferCSSPageSize: true, printBackground: true }));
  const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
  const about = execFileSync('pdfinfo', [file], { encoding: 'utf8' });
  return { text, pages: Number(/^Pages:\s+(\d+)$/m.exec(about)[1]), size: /^Page size:\s+(.*)$/m.exec(about)[1] };
}

const SERIES = [
  ['施設基準', 'H30', 'R1', 'R2', 'R3', 'R4', 'R5.7'],
  ['オンライン診療料（再診のみ）', '108', '200', '593', '1,051', '', ''],
  ['情報通信機器を用いた診療（初・再診）', '', '', '', '', '915', '1,715'],
];
const PEOPLE = [
  ['区分', '令和2年', '2030年', '2040年', '対2030年増減'],
  ['高齢者人口（65歳以上）', '319', '334', '381', '47'],
  ['生産年齢人口', '928', '945', '875', '▲70'],
];

test('the sheet is one file that needs nothing else, and paper says what it says', async () => {
  const file = join(server.folder, 'sheet.html');
  assert.match(onshin(server.folder, ['report', 'sheet', '--out', file]), /sheet\.html/);
  // What the page before still asks for is none of the sheet's.
  await page.goto('about:blank');
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  assert.deepEqual(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:')), []);
  page.removeAllListeners('request');
  assert.deepEqual(await cells(page.locator('#facilities')), SERIES);
  assert.deepEqual(await cells(page.locator('#population')), PEOPLE);
  await screenshots(page, 'plan-sheet');
  const paper = await printed('sheet');
  // A4 across, the two parts and the drawing.
  assert.match(paper.size, /^841\.\d+ x 59[45]\.\d+ pts \(A4\)/);
  assert.ok(paper.pages >= 2 && paper.pages <= 4, `${paper.pages} pages`);
  const text = paper.text.normalize('NFKC').replace(/\s+/g, '');
  for (const heading of ['現状', '課題', '今後の方向性', '目標', '想定する評価指標', 'これまでの取組']) assert.ok(text.includes(heading), heading);
  for (const row of [...SERIES, ...PEOPLE]) {
    const line = row.join('').normalize('NFKC').replace(/\s+/g, '');
    // Names may be broken over lines between their numbers: the numbers stand in their order.
    const numbers = row.slice(1).filter(Boolean).join('').normalize('NFKC');
    assert.ok(text.includes(line) || text.includes(numbers), `${line}`);
  }
  for (const share of ['48.7%(311/638)', '44.2%(6,141/13,889)', '66.4%(235/354)', '53.0%(4,671/8,817)', '12.9%(82/638)', '17.5%(62/354)', '10.5%(37/354)', '72.0%', '設定なし']) {
    assert.ok(text.includes(share), share);
  }
  assert.ok(text.includes('注1'), 'the note on the change of criterion goes with the figures');
});

test('the sheet is a page too, in two languages', async () => {
  await page.goto(`${server.url}/sheet?lang=ja`);
  assert.deepEqual(await cells(page.locator('#population')), PEOPLE);
  await assertAccessible(page, 'plan-sheet-page');
  await page.getByRole('link', { name: 'English' }).click();
  await page.getByRole('heading', { level: 1, name: /^Planning sheet/ }).waitFor();
  await screenshots(page, 'plan-sheet-en');
  await page.goto(`${server.url}/sheet?lang=ja&as_of=2022-12-31`);
  assert.deepEqual((await cells(page.locator('#facilities')))[0], SERIES[0].slice(0, 5), 'what came later is not in it');
});

test('a new value of a survey is entered by form and by file', async () => {
  await page.goto(`${server.url}/staff/indicators`);
  await page.getByLabel('時点').fill('2026-03');
  await page.getByLabel('割合（％）').fill('70.0');
  await page.getByLabel('分子').fill('300');
  await page.getByLabel('分母').fill('400');
  await page.getByLabel('出典').fill('東京都「医療機能実態調査（令和８年３月）」');
  await press(page, '値を入れる');
  await page.getByRole('alert').getByText('割合が、分子÷分母と合いません').waitFor();
  await page.getByLabel('割合（％）').fill('75.0');
  await press(page, '値を入れる');
  await page.getByText('値を入れました。').waitFor();
  await page.getByRole('cell', { name: '75.0％（300/400）' }).waitFor();
  const file = join(server.folder, 'values.csv');
  await writeFile(file, '指標,時点,値,分子,分母,出典\n電子カルテを導入している診療所,2026-03,60.0,6000,9900,都調査\n');
  await page.getByLabel('CSV で入れる').setInputFiles(file);
  await page.getByText('この行を直してください').waitFor();
  await screenshots(page, 'plan-indicators-faults');
  await writeFile(file, '指標,時点,値,分子,分母,出典\n電子カルテを導入している診療所,2026-03,60.0,6000,10000,都調査\n');
  await page.getByLabel('CSV で入れる').setInputFiles(file);
  await page.getByText('新しい値 1、訂正 0、同じ値 0').waitFor();
  await press(page, 'この内容で取り込む');
  await page.getByText('取り込みました', { exact: true }).waitFor();
  await page.getByRole('cell', { name: '60.0％（6,000/10,000）' }).waitFor();
  await assertAccessible(page, 'plan-indicators');
  await screenshots(page, 'plan-indicators');
});

test('published counts stand beside the rows, with what can be said of them', async () => {
  await press(page, '公表値との突合', 'link');
  await page.getByRole('heading', { level: 1, name: '公表値と名簿の突合' }).waitFor();
  const table = page.getByRole('table').first();
  await table.waitFor();
  const rows = await cells(table);
  assert.deepEqual(rows.slice(1).map((row) => row[2]), ['108', '200', '593', '1,051', '915', '1,715']);
  assert.ok(rows.slice(1).every((row) => row[3] === '―' && row[5].startsWith('比べられない')));
  await page.getByLabel('時点').fill('2025-09-01');
  await page.getByLabel('施設数').fill('2,900');
  await page.getByLabel('出典').fill('関東信越厚生局');
  await press(page, '公表値を入れる');
  await page.getByText('公表値を入れました。').waitFor();
  await assertAccessible(page, 'plan-reconciliation');
  await screenshots(page, 'plan-reconciliation');
  await page.goto(`${server.url}/reconciliation?lang=en`);
  await page.getByRole('heading', { level: 1, name: 'Published counts and the register' }).waitFor();
  await screenshots(page, 'plan-reconciliation-en');
});

test('the subsidy goes from the application to the payment', async () => {
  await page.goto(`${server.url}/staff/subsidies`);
  await page.getByLabel('医療機関コード（10桁）').fill(NIGHT);
  await page.getByLabel('申請の日').fill('2026-06-01');
  await page.getByLabel('品名').fill('スマホ');
  await page.getByLabel('費用の合計（円）').fill('200,000');
  await page.getByLabel('申請額（円）').fill('150,000');
  await page.getByLabel('公的機関ではないことを確かめた').check();
  await press(page, '申請を受け付ける');
  await page.getByRole('alert').getByText('スマートフォンは、この補助の対象ではありません。').waitFor();
  await page.getByLabel('品名').fill('ノートパソコン');
  await press(page, '申請を受け付ける');
  await page.getByRole('heading', { level: 2, name: 'おとなし夜間休日オンライン診療所' }).waitFor();
  const step = async (choice, on, fields) => {
    await page.getByLabel(choice, { exact: true }).check();
    await page.getByLabel('手続きの日').fill(on);
    for (const [label, text] of fields) await page.getByLabel(label).fill(text);
    await press(page, '手続きを進める');
  };
  await step('交付を決定する', '2026-07-01', [['決定額（円）', '150,000']]);
  await page.getByLabel('実績報告を受ける').waitFor();
  await screenshots(page, 'plan-subsidy');
  await step('実績報告を受ける', '2026-08-01', [['支出額（円）', '140,000'], ['領収書（名前か、つづりの番号）', '領1'], ['写真（名前か、つづりの番号）', '写1']]);
  await page.getByLabel('支払う').waitFor();
  await step('支払う', '2026-09-01', [['支払額（円）', '140,000']]);
  await page.getByRole('cell', { name: '支払済' }).waitFor();
  await assertAccessible(page, 'plan-subsidies');
  await screenshots(page, 'plan-subsidies');
});

test("a facility's page and its posting are read without JavaScript", async () => {
  const reader = await openProfile({ name: 'reader' });
  const quiet = reader.page;
  const browser = await reader.context.newCDPSession(quiet);
  await browser.send('Emulation.setScriptExecutionDisabled', { value: true });
  await quiet.goto(`${server.url}/facilities/${NIGHT}?lang=ja`);
  await quiet.getByRole('heading', { level: 1, name: 'おとなし夜間休日オンライン診療所' }).waitFor();
  assert.ok((await quiet.getByRole('link', { name: 'オンライン診療を予約する' }).getAttribute('href')).startsWith('/clinics/'));
  await screenshots(quiet, 'facility');
  await quiet.getByRole('link', { name: '掲示事項' }).click();
  await quiet.getByText('向精神薬を処方しません').waitFor();
  await screenshots(quiet, 'facility-posting');
  await quiet.getByRole('link', { name: 'English' }).click();
  await quiet.getByText('We prescribe no psychotropics').waitFor();
  await screenshots(quiet, 'facility-posting-en');
  await browser.send('Emulation.setScriptExecutionDisabled', { value: false });
  await reader.page.goto(`${server.url}/facilities/${NIGHT}?lang=ja`);
  await assertAccessible(reader.page, 'facility');
  await reader.page.goto(`${server.url}/open-data?lang=ja`);
  await assertAccessible(reader.page, 'open-data');
  await screenshots(reader.page, 'open-data');
  await reader.close();
});

test('a clinic declares what is posted', async () => {
  const desk = await openProfile({ name: 'desk' });
  await signIn(desk.page, server.url, 'desk');
  await desk.page.goto(`${server.url}/staff/posting`);
  await desk.page.getByLabel('オンラインの初診では向精神薬を処方しない').uncheck();
  await press(desk.page, 'この内容で掲示する');
  await desk.page.getByText('掲示しました。').waitFor().catch(() => {});
  await assertAccessible(desk.page, 'posting-form');
  await screenshots(desk.page, 'posting-form');
  await desk.page.goto(`${server.url}/facilities/${NIGHT}/posting?lang=ja`);
  assert.equal(await desk.page.getByText('向精神薬を処方しません').count(), 0);
  await desk.close();
});
