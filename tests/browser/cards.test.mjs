// Every card, without a script and with one, in both widths and languages: number, figure, table,
// files, frame, and that each number leads to as many facilities as it says.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { closeAll, openProfile, screenshots, startServer } from './harness.mjs';
import { SAITAMA, missing, onshin } from './register.mjs';

const skip = missing(SAITAMA);

const CARDS = ['series', 'years', 'months', 'changes', 'prefectures', 'areas', 'area-years', 'municipalities', 'kinds', 'criteria', 'start-years'];

let server;
let profile;
let page;
let folder;

before(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), 'onshin-cards-'));
  const own = { ONSHIN_DATABASE: `sqlite:${join(folder, 'onshin.db')}`, ONSHIN_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') };
  onshin(folder, ['migrate'], own);
  onshin(folder, ['import', 'bureau', SAITAMA], own);
  server = await startServer({ demo: false, env: own });
  profile = await openProfile({ name: 'reader' });
  ({ page } = profile);
});
after(async () => {
  await closeAll();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Puts scripts of pages off, or on again. */
async function scripts(on) {
  const session = await profile.context.newCDPSession(page);
  await session.send('Emulation.setScriptExecutionDisabled', { value: !on });
}

const number = (text) => Number(text.replaceAll(',', '').replace(/^\+/, ''));

/** Follows the great number of a card, where it leads somewhere, and gives what it says there. */
async function behind() {
  const link = page.locator('p.great a');
  if ((await link.count()) === 0) return undefined;
  const said = number(await link.innerText());
  await link.click();
  await page.waitForURL(/\/facilities\?/);
  const found = number((await page.locator('p.great').innerText()).split(/\s/)[0]);
  return [said, found];
}

for (const js of [false, true]) {
  for (const lang of ['ja', 'en']) {
    test(`every card ${js ? 'with' : 'without'} scripts, ${lang}`, { skip, timeout: 240_000 }, async () => {
      await scripts(js);
      for (const id of CARDS) {
        await page.goto(`${server.url}/cards/${id}?lang=${lang}`);
        assert.equal(await page.locator('html').getAttribute('lang'), lang);
        assert.equal(await page.locator('script').count(), 0, `${id} needs no script`);
        await page.locator('figure svg').first().waitFor();
        assert.notEqual(await page.locator('figure svg title').first().textContent(), '');
        const rows = await page.locator('details table tbody tr').count();
        assert.ok(await page.locator('details table').isVisible(), `${id} shows its table`);
        assert.ok(rows > 0, `${id} has rows`);
        // What is wider than the screen is scrolled; small charts stand one below the other instead.
        const boxes = page.locator(id === 'area-years' ? 'figure .multiples' : 'figure .scroll');
        const widths = await boxes.evaluate((box) => [box.scrollWidth, box.clientWidth]);
        assert.ok(id === 'area-years' ? widths[0] <= widths[1] : widths[0] >= widths[1], `${id}: ${widths}`);
        await screenshots(page, `card-${id}-${lang}-${js ? 'js' : 'plain'}`);
        const both = await behind();
        if (both && id !== 'changes') assert.equal(both[1], both[0], `the number of ${id}`);
      }
      await scripts(true);
    });
  }
}

test('each number of a table leads to as many facilities', { skip, timeout: 120_000 }, async () => {
  await page.goto(`${server.url}/cards/kinds?lang=ja`);
  const links = await page.locator('details table tbody td a').evaluateAll((all) => all.map((a) => [a.innerText, a.href]));
  assert.ok(links.length >= 9, `${links.length} links`);
  for (const [text, href] of links) {
    await page.goto(href);
    const found = (await page.locator('p.great').innerText()).split(/\s/)[0];
    assert.equal(number(found), number(text), href);
  }
});

test('the list is paged and each facility has an address', { skip }, async () => {
  await page.goto(`${server.url}/cards/kinds?lang=ja&prefecture=11`);
  await page.locator('p.great a').click();
  assert.equal(await page.locator('tbody tr').count(), 50);
  const first = await page.locator('tbody th').first().innerText();
  await page.getByRole('link', { name: '次のページ' }).click();
  await page.getByText('51–100').waitFor();
  assert.notEqual(await page.locator('tbody th').first().innerText(), first);
  await screenshots(page, 'card-facilities');
  assert.match(await page.locator('tbody th a').first().getAttribute('href'), /^\/facilities\/11\d{8}\?/);
});

test('the form asks for another day, another measure and western years', { skip }, async () => {
  await page.goto(`${server.url}/cards/municipalities?lang=ja&prefecture=11`);
  assert.match(await page.locator('.permalink').innerText(), /令和7年9月1日/);
  await page.getByLabel('図に示すもの').selectOption('per_100k');
  await page.getByLabel('年の表し方').selectOption('western');
  await page.getByRole('button', { name: '表示する' }).click();
  await page.waitForURL(/measure=per_100k/);
  assert.match(await page.locator('.permalink').innerText(), /2025年9月1日/);
  assert.match(await page.locator('p.great').innerText(), /人口10万対/);
  await screenshots(page, 'card-per-100k');
  await page.getByLabel('いつの時点の数か').fill('2025-08-01');
  await page.getByRole('button', { name: '表示する' }).click();
  await page.waitForURL(/as_of=2025-08-01/);
  assert.match(await page.locator('main').innerText(), /設定なし[\s\S]*最初の名簿より前/);
  await screenshots(page, 'card-before-first-list');
});

test('what came and went is not nought where one list alone is known', { skip }, async () => {
  await page.goto(`${server.url}/cards/changes?prefecture=11&lang=ja`);
  assert.equal((await page.locator('.great').innerText()).trim(), '設定なし 増減は、名簿が2回分になると分かります');
});

test('a permalink keeps its days', { skip }, async () => {
  await page.goto(`${server.url}/cards/areas?lang=en&prefecture=11`);
  await page.locator('.permalink').click();
  const query = new URL(page.url()).searchParams;
  assert.match(query.get('known_on'), /^\d{4}-\d\d-\d\dT/);
  assert.match(query.get('as_of'), /^\d{4}-\d\d-\d\d$/);
  assert.equal(query.get('prefecture'), '11');
});

test('the files are a CSV, a drawing and a workbook', { skip }, async () => {
  await page.goto(`${server.url}/cards/municipalities?lang=ja&prefecture=11`);
  for (const [name, start] of [['CSV', [0xef, 0xbb, 0xbf]], ['Excel（グラフ付き）', [0x50, 0x4b, 0x03, 0x04]]]) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
    const bytes = await readFile(await download.path());
    assert.deepEqual([...bytes.subarray(0, start.length)], start, name);
    assert.ok(bytes.length > 1000);
  }
  const svg = await page.request.get(new URL(await page.getByRole('link', { name: '図（SVG）' }).getAttribute('href'), server.url).href);
  assert.match(svg.headers()['content-type'], /^image\/svg\+xml/);
});

test('another site shows a card in a frame, and its numbers open outside of it', { skip }, async () => {
  await page.goto(`${server.url}/cards/kinds?lang=ja&prefecture=11`);
  await page.getByText('ほかのページに埋め込む').click();
  const code = await page.getByLabel('このコードを貼り付けます').inputValue();
  const address = /src="([^"]+)"/.exec(code)[1].replaceAll('&amp;', '&');
  const { pathname, search } = new URL(address);
  const other = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html; charset=utf-8');
    answer.end(`<!DOCTYPE html><title>都のページ</title><iframe src="${server.url}${pathname}${search}" title="カード" width="900" height="900"></iframe>`);
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  try {
    await page.goto(`http://127.0.0.1:${other.address().port}/`);
    const frame = page.frameLocator('iframe');
    await frame.locator('figure svg').waitFor();
    assert.equal(await frame.locator('header.bar').count(), 0);
    await frame.locator('p.great a').click();
    await page.waitForURL(`${server.url}/facilities?**`);
  } finally {
    other.close();
  }
});

test('the list of cards and the data are there', { skip }, async () => {
  await page.goto(`${server.url}/cards?lang=ja`);
  assert.equal(await page.locator('ul.cards a').count(), CARDS.length);
  await screenshots(page, 'cards');
  const data = await (await page.request.get(`${server.url}/api/data/facilities?prefecture=11&by=municipality`)).json();
  assert.ok(data.values.length > 60);
  const whole = data.values.find((one) => one.area === '11');
  assert.equal(whole.value, 669);
});
