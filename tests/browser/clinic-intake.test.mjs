// What is asked, told and agreed before a visit: edited by the clinic, met by the patient, read by the doctor.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertAccessible, assertLargeText } from './accessible.mjs';
import { closeAll, openProfile, screenshots, startServer, until } from './harness.mjs';
import { answerAll, fillBirthDate, press, signIn, tabTo } from './people.mjs';

let server;
let doctor;
let patient;
/** The clinic for children, and its service for first visits. */
let home;
let first;

before(async () => {
  server = await startServer();
  doctor = await openProfile({ name: 'doctor', height: 1600, camera: true });
  patient = await openProfile({ name: 'patient' });
  await signIn(doctor.page, server.url, 'kodama');
  const found = await (await fetch(`${server.url}/api/facilities?q=kodama`)).json();
  home = await (await fetch(`${server.url}/api/facilities/${found.items[0].id}`)).json();
  first = home.services[2];
});
after(closeAll);

const ask = (page, path) => page.evaluate(async (to) => (await fetch(to)).json(), path);
const title = (page, text) => page.getByRole('heading', { level: 1, name: text });
const asked = async () => (await fetch(`${server.url}/api/services/${first.id}/questionnaire`)).json();
const terms = async () => (await fetch(`${server.url}/api/services/${first.id}/terms`)).json();
const rows = (page) => page.locator('.questions > li');
const isFocused = (target) => target.evaluate((node) => node === document.activeElement);

async function openQuestions(page, of = first.id) {
  await page.goto(`${server.url}/staff/questions?of=${of}`);
  await page.getByText(/今の内容は第\d+版です|まだありません/).waitFor();
}

test('a questionnaire is edited by keyboard: put in order, added to, and kept as the next version', async () => {
  const { page } = doctor;
  const earlier = await asked();
  await openQuestions(page);
  assert.equal(await rows(page).count(), earlier.questions.length);
  await screenshots(page, 'clinic-questions');
  await assertAccessible(page, 'questions');
  await assertLargeText(page, 'questions');
  // Up goes the second; the focus stays on its button until it is the first.
  const second = earlier.questions[1].label_ja;
  await tabTo(page, page.getByRole('button', { name: `「${second}」を上へ` }));
  await page.keyboard.press('Enter');
  await until('it is the first', async () => (await rows(page).first().innerText()).includes(second));
  assert.ok(await isFocused(page.getByRole('button', { name: `「${second}」を下へ` })), 'the focus is where the question went');
  assert.ok(await page.getByRole('button', { name: `「${second}」を上へ` }).isDisabled());
  // A new one, with its errors said where they are.
  await tabTo(page, page.getByRole('button', { name: '質問を足す' }));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: '質問を足す' });
  await dialog.waitFor();
  await dialog.getByLabel('答えかた').selectOption({ label: '1つ選ぶ' });
  await press(page, '決める');
  await dialog.getByRole('link', { name: '質問を日本語で入れてください' }).waitFor();
  await dialog.getByRole('link', { name: '選択肢を1つは足してください' }).click();
  assert.ok(await isFocused(dialog.getByRole('button', { name: '選択肢を足す' })));
  await dialog.getByLabel('質問（日本語）').fill('保育園・学校を休んでいますか');
  await dialog.getByLabel('質問（英語）').fill('Is the child staying at home?');
  for (const [place, ja, en] of [[0, 'はい、休んでいます', 'Yes, at home'], [1, 'いいえ', 'No']]) {
    await press(page, '選択肢を足す');
    await dialog.locator(`#option-${place}-ja`).fill(ja);
    await dialog.locator(`#option-${place}-en`).fill(en);
  }
  await screenshots(page, 'clinic-question-dialog');
  await assertAccessible(page, 'dialog of a question');
  await press(page, '決める');
  await dialog.waitFor({ state: 'detached' });
  assert.ok(await isFocused(page.getByRole('button', { name: '質問を足す' })), 'the focus goes back to where the dialog was opened');
  // Taking a question away on which another depends is said before anything is kept.
  await press(page, '「今、使っている薬はありますか」を消す');
  await press(page, '新しい版として保存する');
  await page.locator('.error-summary').getByRole('link', { name: /出すかどうかを決める質問が、前にありません/ }).waitFor();
  await screenshots(page, 'clinic-questions-error');
  assert.equal((await asked()).version, earlier.version, 'nothing is kept');
  await press(page, '変更を捨てる');
  assert.equal(await rows(page).count(), earlier.questions.length);

  await press(page, '質問を足す');
  await dialog.getByLabel('質問（日本語）').fill('体重は何キロですか');
  await dialog.getByLabel('質問（英語）').fill('Weight in kg');
  await dialog.getByLabel('答えかた').selectOption({ label: '数で答える' });
  await dialog.getByLabel('最大').fill('120');
  await dialog.getByLabel('必ず答えてもらう').check();
  await press(page, '決める');
  await press(page, `「${second}」を上へ`);
  await press(page, '新しい版として保存する');
  await page.getByText(`第${earlier.version + 1}版として保存しました`).waitFor();
  const now = await asked();
  assert.equal(now.version, earlier.version + 1);
  assert.deepEqual([now.questions[0].label_ja, now.questions.at(-1).label_ja], [second, '体重は何キロですか']);
  // Whoever still has the old version is told, and loses nothing by itself.
  await page.evaluate(async ([to, body]) => {
    const { version, questions } = await (await fetch(to)).json();
    await fetch(to, { method: 'PUT', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: JSON.stringify({ version, questions: [...questions, body] }) });
  }, [`/api/clinic/services/${first.id}/questionnaire`, { id: 'other', kind: 'yes_no', label_ja: 'ほかの職員が足した質問', label_en: 'Added by somebody else' }]);
  await press(page, '「体重は何キロですか」を消す');
  await press(page, '新しい版として保存する');
  await press(page, '今の内容を読み込む（入れた内容は消えます）');
  await rows(page).filter({ hasText: 'ほかの職員が足した質問' }).waitFor();
});

test('the signs that must not wait are edited, of one kind only', async () => {
  const { page } = doctor;
  await openQuestions(page, 'triage');
  const count = await rows(page).count();
  await press(page, '症状を足す');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  assert.equal(await dialog.getByLabel('答えかた').count(), 0);
  await dialog.getByLabel('質問（日本語）').fill('けいれんが5分より長く続いていますか');
  await dialog.getByLabel('質問（英語）').fill('Has a seizure lasted longer than five minutes?');
  await press(page, '決める');
  await press(page, '新しい版として保存する');
  await page.getByText(/版として保存しました/).waitFor();
  await screenshots(page, 'clinic-triage');
  await assertAccessible(page, 'signs');
  assert.equal((await asked()).red_flags.questions.length, count + 1);
});

test('fees, the rule on first visits and the texts of consent are kept as versions', async () => {
  const { page } = doctor;
  await page.goto(`${server.url}/staff/terms`);
  await page.getByLabel('診療の種類').selectOption({ label: first.name_ja });
  await page.getByRole('heading', { name: '初診の決まり' }).waitFor();
  await screenshots(page, 'clinic-terms');
  await assertAccessible(page, 'terms');
  await assertLargeText(page, 'terms');
  const was = await terms();
  await press(page, '料金を足す');
  const added = page.getByRole('group', { name: `料金 ${was.fees.items.length + 1}` });
  await added.getByLabel('何の料金か').selectOption({ label: '薬や書類の送料' });
  await press(page, '料金を保存する');
  await page.locator('.error-summary').getByRole('link', { name: '金額を、数で入れてください' }).click();
  await page.keyboard.type('５００');
  await press(page, '料金を保存する');
  // What only the server knows is said at its field too.
  await page.locator('.error-summary').getByRole('link').first().click();
  assert.ok(await isFocused(added.getByLabel('名前（日本語）')));
  await added.getByLabel('名前（日本語）').fill('薬の送料');
  await added.getByLabel('名前（英語）').fill('Postage');
  await press(page, '料金を保存する');
  await page.getByText(/料金を、第\d+版として保存しました/).waitFor();
  await page.getByLabel('予約を受けない').check();
  await press(page, '初診の決まりを保存する');
  await page.getByText('初診の決まりを保存しました').waitFor();
  const now = await terms();
  assert.equal(now.fees.version, was.fees.version + 1);
  assert.deepEqual([now.fees.items.at(-1).name_ja, now.fees.items.at(-1).yen], ['薬の送料', 500]);
  assert.equal((await asked()).first_visit.without_basis, 'refuse');
  await page.getByLabel('申し込みとして受ける').check();
  await press(page, '初診の決まりを保存する');
  await until('the rule is as before', async () => (await asked()).first_visit.without_basis === 'request');

  const text = page.getByRole('form', { name: '個人情報の扱いについての説明' });
  await text.getByLabel('文（日本語）').fill('お子さんの情報は、診療のためにだけ使います。');
  await press(page, '個人情報の扱いについての説明を保存する');
  await text.getByText(/版として保存しました/).waitFor();
  await text.getByText(/この医療機関の文です/).waitFor();
  const privacy = (await terms()).consents.find((one) => one.kind === 'privacy');
  assert.deepEqual([privacy.own, privacy.text_ja], [true, 'お子さんの情報は、診療のためにだけ使います。']);
  await text.getByLabel('文（英語）').fill(' ');
  await press(page, '個人情報の扱いについての説明を保存する');
  await text.locator('.error-summary').getByRole('link').waitFor();
  await screenshots(page, 'clinic-terms-error');
});

/** The booking that the patient makes, by the patient's own pages. */
let booked;

test('the patient meets the new version, and the doctor reads the answers', async () => {
  const { page } = patient;
  await page.goto(`${server.url}/clinics/${home.id}/times?service=${first.id}`);
  for (let week = 0; week < 4 && (await page.locator('button.slot').count()) === 0; week += 1) {
    await page.getByRole('button', { name: '次の7日' }).first().click();
    await page.locator('.day').first().waitFor();
    await page.waitForTimeout(500);
  }
  await page.locator('button.slot').nth(2).click();
  await page.getByText('この時間を おさえています').waitFor();
  await page.getByLabel('自分').check();
  await press(page, '次へ');
  await page.getByLabel('お名前').fill('問診 太郎');
  await page.getByLabel('フリガナ').fill('モンシン タロウ');
  await press(page, '次へ');
  await fillBirthDate(page);
  await press(page, '次へ');
  await page.getByLabel('電話番号').fill('090-1234-5678');
  await press(page, '次へ');
  await page.getByLabel('いつから、どのような症状か').fill('三日前からせきが出ます');
  await press(page, '次へ');
  await page.getByText('けいれんが5分より長く続いていますか').waitFor();
  for (const flag of await page.getByRole('group').all()) await flag.getByLabel('いいえ').check();
  await press(page, '次へ');
  await page.getByText('ほかの職員が足した質問').waitFor();
  await page.getByLabel('体重は何キロですか').fill('18');
  await page.getByRole('group', { name: '今、使っている薬はありますか' }).getByLabel('はい').check();
  await page.getByLabel('薬の名前・量・飲みかた').fill('アスピリン 100mg 朝1回');
  await answerAll(page);
  await page.getByLabel('どれにもあてはまらない').check();
  await press(page, '次へ');
  await title(page, '内容を確かめてください').waitFor();
  await page.getByText('薬の送料').waitFor();
  await page.getByText('お子さんの情報は、診療のためにだけ使います。').waitFor();
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  await press(page, 'この内容で予約する');
  await page.waitForURL(/\/bookings\//);
  booked = await ask(page, `/api/bookings/${new URL(page.url()).pathname.split('/').at(-1)}`);
  assert.equal(booked.status, 'requested');
});

test('the doctor confirms the basis of a first visit from the list of the day', async () => {
  const { page } = doctor;
  await page.goto(`${server.url}/staff/requests`);
  await page.getByRole('button', { name: '問診 太郎 さんの申し込みを承認する' }).click();
  await page.getByText('問診 太郎 さんの申し込みを承認しました').waitFor();
  const date = new Date(Date.parse(booked.start) + 9 * 3_600_000).toISOString().slice(0, 10);
  await page.goto(`${server.url}/staff?date=${date}`);
  await page.getByRole('link', { name: '問診 太郎 さんの問診を見る' }).click();
  await title(page, '問診 太郎 さんの問診').waitFor();
  await page.getByText('初診の根拠がまだありません').waitFor();
  const main = await page.locator('main').innerText();
  for (const words of ['アスピリン 100mg 朝1回', '体重は何キロですか', '18', '三日前からせきが出ます', 'けいれんが5分より長く続いていますか', '個人情報の扱い']) assert.ok(main.includes(words), words);
  await screenshots(page, 'clinic-intake');
  await assertAccessible(page, 'intake');
  await assertLargeText(page, 'intake');
  await press(page, '根拠を確かめた');
  await page.locator('.error-summary').getByRole('link', { name: '根拠を選んでください' }).waitFor();
  // Without a talk before care that is no basis, and the server says so.
  await page.locator('#first_visit_basis').selectOption({ label: '診療前相談で合意した' });
  await press(page, '根拠を確かめた');
  await page.getByRole('alert').filter({ hasText: '診療前相談が見つかりません' }).waitFor();
  await page.locator('#first_visit_basis').selectOption({ label: 'かかりつけの医師' });
  await press(page, '根拠を確かめた');
  await page.locator('.error-summary').getByRole('link', { name: '最後に来院した日を入れてください' }).click();
  assert.ok(await isFocused(page.getByLabel('最後に来院した日')));
  await page.locator('#first_visit_basis').selectOption({ label: '医学的情報が十分にある' });
  await page.getByLabel('お薬手帳').check();
  await screenshots(page, 'clinic-intake-basis');
  await press(page, '根拠を確かめた');
  await page.getByText('根拠を確かめました').waitFor();
  const { first_visit } = await ask(page, `/api/clinic/visits/${booked.id}/intake`);
  assert.equal(first_visit.basis, 'info_sufficient');
  assert.ok(first_visit.confirmed_at);
  assert.ok(first_visit.medical_information_source.includes('medication_notebook'));
});

test("the visit's own page shows the same, once it is opened", async () => {
  const { page } = doctor;
  await page.goto(`${server.url}/staff/visit/${booked.id}`);
  const summary = page.locator('summary').filter({ hasText: '問診と初診の根拠' });
  await summary.waitFor();
  assert.equal(await page.getByText('アスピリン 100mg 朝1回').count(), 0, 'nobody reads it by the way');
  await tabTo(page, summary);
  await page.keyboard.press('Enter');
  await page.getByText('アスピリン 100mg 朝1回').waitFor();
  await page.getByText(/医師が確かめました/).waitFor();
  await screenshots(page, 'clinic-visit-intake');
  await assertAccessible(page, 'intake beside the call');
});
