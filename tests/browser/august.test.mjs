// The yearly report of a clinic and the service's own counts, in real browsers: a visit whose place
// nobody knows, counts typed and from a file, answers for far prefectures, the final version as a
// page of A4 that is printed and read back.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { assertAccessible, assertLargeText } from './accessible.mjs';
import { closeAll, openProfile, screenshots, startServer } from './harness.mjs';
import { press, signIn } from './people.mjs';
import { onshin } from './register.mjs';

// The report that can be made final now: of the last year that ended with July.
const now = new Date();
const YEAR = now.getUTCMonth() >= 7 ? now.getUTCFullYear() : now.getUTCFullYear() - 1;

let server;
before(async () => {
  server = await startServer();
});
after(closeAll);

/**
 * Writes visits of that year past the application: online, closed, of the clinic that is always
 * open. `places` are the patients' prefectures, nothing for one that nobody knows.
 */
function writeVisits(places) {
  const script = `
import json, sqlite3, sys, uuid
path, year, places = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
db = sqlite3.connect(path, timeout=20)
clinic = bytes.fromhex('0d300100000000000000' + '4ead72fa0000')
doctor, = db.execute('SELECT id FROM clinician WHERE facility_id = ?', (clinic,)).fetchone()
service, = db.execute("SELECT id FROM service WHERE facility_id = ? AND kind = 'online_care'", (clinic,)).fetchone()
account, = db.execute('SELECT id FROM account WHERE clinician_id IS NOT NULL LIMIT 1').fetchone()
for at, place in enumerate(places):
    one = uuid.uuid4().bytes
    start = f'{year}-03-{at + 1:02}T03:00:00+00:00'
    end = f'{year}-03-{at + 1:02}T03:15:00+00:00'
    db.execute('''INSERT INTO booking (id, facility_id, clinician_id, service_id, status, starts_at,
        ends_at, busy_from, busy_until, hold_expires_at, hold_extended, version, created_at,
        session_key, changed_at)
        VALUES (?, ?, ?, ?, 'held', ?, ?, ?, ?, ?, 0, 1, ?, ?, ?)''',
        (one, clinic, doctor, service, start, end, start, end, start, start, one, start))
    db.execute("UPDATE booking SET status = 'expired', hold_expires_at = NULL WHERE id = ?", (one,))
    db.execute('''INSERT INTO visit_closing (booking_id, facility_id, clinician_id, kind, local_date,
        mode, guideline_first_visit, billing_first_visit, pre_consultation_done,
        underlying_info_known, medications_confirmed, prescription, narcotic, psychotropic, high_risk,
        patient_prefecture, doctor_place, doctor_prefecture, record_access, closed_by, closed_at, version)
        VALUES (?, ?, ?, 'online_care', ?, 'online', 0, ?, ?, 1, 0, 'none', 0, 0, 0, ?, ?, ?, ?, ?, ?, 1)''',
        (one, clinic, doctor, start[:10], at % 2 == 0, at == 0, place,
         'home' if at == 1 else 'clinic', '14' if at == 1 else None, 'cloud_emr' if at == 1 else None,
         account, end))
db.commit()
`;
  execFileSync('python3', ['-c', script, join(server.folder, 'onshin.db'), String(YEAR), JSON.stringify(places)]);
}

/** The text of a page as it is printed. */
async function printed(page) {
  const folder = await mkdtemp(join(tmpdir(), 'onshin-print-'));
  try {
    const path = join(folder, 'page.pdf');
    await page.pdf({ path, preferCSSPageSize: true });
    const info = execFileSync('pdfinfo', [path], { encoding: 'utf8' });
    assert.match(info, /Page size:\s+59[45](\.\d+)? x 84[12](\.\d+)? pts/, 'A4');
    return execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('a report is filled in, made final, printed and read back', { timeout: 120_000 }, async () => {
  writeVisits(['13', '13', '14', null]);
  const { page } = await openProfile({ name: 'desk' });
  await signIn(page, server.url, 'desk');
  await page.getByRole('link', { name: '8月報告' }).click();
  await page.getByRole('heading', { level: 1, name: '8月報告' }).waitFor();
  await page.getByLabel('報告する年').selectOption(String(YEAR));
  await page.getByText('患者の所在が分からない診察が 1 件あります').waitFor();
  await page.getByText('不一致（3 と 4）').waitFor();
  assert.ok(await page.getByRole('button', { name: '確定する' }).isDisabled());
  await assertAccessible(page, 'the yearly report');
  await assertLargeText(page, 'the yearly report');
  await screenshots(page, 'august-draft');

  // Where the patient was.
  await press(page, '所在を保存する');
  await page.getByText('都道府県を選んでください').first().waitFor();
  await page.getByLabel('都道府県', { exact: true }).selectOption({ label: '東京都' });
  await press(page, '所在を保存する');
  await page.getByText('一致（4）').waitFor();

  // Counts of visits in person: a wrong number is told, a file is read, a number is typed over it.
  await page.getByLabel(`${YEAR}-03 対面 初診料`).fill('多数');
  await press(page, '件数を保存する');
  await page.getByText('件数を、0以上の数で入れてください').first().waitFor();
  const months = Array.from({ length: 12 }, (_, at) => `${at < 5 ? YEAR - 1 : YEAR}-${String(((at + 7) % 12) + 1).padStart(2, '0')},10,200`);
  const upload = (name, lines) => page.getByLabel(/^CSVから読み込む/).setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) });
  const head = 'month,in_person_first,in_person_repeat';
  await upload('wrong.csv', [head, `${YEAR}-03,1,x`]);
  await page.getByText('2 行目').waitFor();
  await upload('months.csv', [head, ...months]);
  await page.getByText('対面診療の件数を保存しました').waitFor();
  assert.equal(await page.getByLabel(`${YEAR}-03 対面 再診料等`).inputValue(), '200');
  await page.getByLabel(`${YEAR}-03 対面 初診料`).fill('１２');
  await press(page, '件数を保存する');
  await page.getByText('対面診療の件数を保存しました').waitFor();

  // A quarter of the patients were elsewhere: more than a fifth is explained.
  await page.getByText('対面診療の体制が 1 の地域について入っていません').waitFor();
  await page.getByLabel('診療前相談から続けて診療する').check();
  await page.getByLabel('対面診療を行う医療機関').fill('横浜見本病院');
  await page.getByLabel('紹介の方法').fill('紹介状を送る');
  await page.getByLabel('事前に合意している').check();
  await press(page, '回答を保存する');
  await page.getByText('回答を保存しました').waitFor();
  await page.getByText('足りない項目はありません。確定できます').waitFor();
  await press(page, '確定する');
  await page.getByText('第1版として確定しました').waitFor();
  await assertAccessible(page, 'the yearly report, final');
  await screenshots(page, 'august-final');

  // The page of A4.
  const link = page.getByRole('listitem').filter({ hasText: '第1版' }).getByRole('link', { name: 'A4の紙面' });
  await page.goto(new URL(await link.getAttribute('href'), server.url).href);
  await page.getByText('確定版 第1版').waitFor();
  await assertAccessible(page, 'the page of the report');
  await screenshots(page, 'august-paper');
  const text = await printed(page);
  for (const words of ['確定版', '25.0％（1/4）', '神奈川県', '横浜見本病院']) assert.ok(text.includes(words), `${words} in:\n${text}`);
  assert.match(text, /①＋② = 4 = オンライン 初診料＋再診料等 = 4\s+一致/);
  assert.match(text, /計\s+122\s+2,400/);
  // What came from the file keeps its source beside what was typed over it.
  assert.match(text, /8月\s+10\s+200\s+ファイル/);
  assert.match(text, /3月\s+12\s+200\s+手入力/);
  assert.ok(!text.includes('未入力') && !text.includes('下書き'), text);
  await page.getByRole('link', { name: 'English' }).click();
  await page.getByText('Final version 1').waitFor();
  await screenshots(page, 'august-paper-en');
});

test('counts of visits stand without JavaScript, small numbers suppressed', { timeout: 120_000 }, async () => {
  const { page } = await openProfile({ name: 'reader' });
  // The night's check counts; here by the command, beside the server that runs.
  const told = onshin(server.folder, ['report', 'fold']);
  assert.match(told, /^4 bookings, 8 events, 0 differ$/m);
  await page.goto(`${server.url}/counts/own?year=${YEAR}`);
  await page.getByRole('heading', { level: 1, name: 'このサービスでの診察の件数' }).waitFor();
  assert.ok((await page.getByRole('table').count()) >= 1);
  // There is nothing in it that would have to run.
  assert.equal(await page.locator('script').count(), 0);
  await assertAccessible(page, 'the own counts');
  // Four holds, of whom nobody knows whose they were, are fewer than five.
  assert.match(await page.locator('table').first().innerText(), /＊/);
  await page.getByText('患者5人未満を表す数').waitFor();
  await screenshots(page, 'own-counts');
  await page.goto(`${server.url}/counts/own?year=${YEAR}&lang=en`);
  await page.getByRole('heading', { level: 1, name: 'Visits of this service' }).waitFor();
  await screenshots(page, 'own-counts-en');
});

test('officials see that bookings stand as their record says', { timeout: 60_000 }, async () => {
  const { page } = await openProfile({ name: 'operator' });
  await signIn(page, server.url, 'operator');
  await page.getByRole('link', { name: '予約と記録の突き合わせ' }).click();
  await page.getByRole('heading', { level: 1, name: '予約と記録の突き合わせ' }).waitFor();
  assert.ok((await page.locator('tbody tr').count()) >= 1, 'the first check is made at the start');
  await assertAccessible(page, 'the checks');
  await screenshots(page, 'checks');
});
