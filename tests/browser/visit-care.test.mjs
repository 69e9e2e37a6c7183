// The paper of a visit, in real browsers: where the patient is before they are let in, the plan, the
// button for an emergency, the closing form with its rules, and the number that is shown once.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { assertAccessible, assertLargeText } from './accessible.mjs';
import { closeAll, openProfile, peerStats, screenshotsInBoth, startServer, until } from './harness.mjs';
import { bookFirstTime, enterWaitingRoom, press, signIn, tellPlace } from './people.mjs';

after(closeAll);

const sees = async (page) => (await peerStats(page)).some((peer) => peer.framesDecoded > 0 && peer.state === 'connected');

/** Adds an institution near the demo's patients. */
async function addPartner(page, url) {
  await page.goto(`${url}/staff/services`);
  await page.getByText('連携医療機関はありません。').waitFor();
  await page.locator('summary', { hasText: '連携医療機関を足す' }).click();
  await page.getByLabel('連携医療機関の名前').fill('見本区民総合病院');
  await page.getByLabel('連携医療機関の電話番号').fill('0120-000-777');
  await page.getByLabel('連携医療機関の市区町村').selectOption({ label: '中野区' });
  await page.getByLabel('連携医療機関の住所').fill('見本町1-1');
  await press(page, '連携医療機関を足す');
  await page.getByRole('button', { name: '見本区民総合病院 を消す' }).waitFor();
  await page.getByLabel('中継サーバーだけ（アドレスを見せない）').check();
  await press(page, '通り道を保存する');
  await page.getByText('保存しました').waitFor();
  await screenshotsInBoth(page, 'services-and-media-policy');
  await page.getByLabel('できるときは直接（遅れが少ない）').check();
  await press(page, '通り道を保存する');
  await page.getByText('保存しました').waitFor();
}

/** Writes a plan, of which two sections have no usual sentence, and its next version, and notes that it was agreed to by word. */
async function writePlan(page) {
  await page.locator('summary', { hasText: /^診療計画$/ }).click();
  await press(page, '診療計画を保存する');
  await page.getByText('問題があります').waitFor();
  await page.locator('.error-summary').getByRole('link', { name: /^1\. 診療の内容.*：入力してください。$/ }).waitFor();
  await page.getByLabel('1. 診療の内容').fill('せきの治療');
  await page.getByLabel('2. 対面診療').fill('二週間で治らなければ来院');
  await press(page, '診療計画を保存する');
  await page.locator('summary', { hasText: '次の版を書く' }).click();
  await page.getByLabel('2. 対面診療').fill('一週間で治らなければ来院');
  await press(page, '新しい版として保存する');
  // What was replaced stays to be read, and says that it was.
  await page.locator('summary', { hasText: /第1版.*古い版/ }).click();
  await page.getByText('これは古い版です。第2版に替わりました。').waitFor();
  await page.locator('dd', { hasText: '二週間で治らなければ来院' }).waitFor();
  await assertAccessible(page, 'an earlier version of the plan');
  await screenshotsInBoth(page, 'consult-plan-versions');
  await page.locator('summary', { hasText: /第1版.*古い版/ }).click();
  await press(page, '口頭で合意した');
  await page.getByText('に合意しました').waitFor();
}

test('a visit with all its paper', { timeout: 300_000 }, async () => {
  const server = await startServer();
  const patient = await openProfile({ name: 'patient', camera: true });
  const doctor = await openProfile({ name: 'doctor', camera: true });
  const booking = await bookFirstTime(patient.page, server.url, { name: '音無 花', kana: 'オトナシ ハナ' });
  await signIn(doctor.page, server.url, 'doctor');
  await addPartner(doctor.page, server.url);

  // Nobody is let in before it is known where they are.
  await enterWaitingRoom(patient.page, booking.link, { place: false });
  await assertAccessible(patient.page, 'the waiting room');
  await assertLargeText(patient.page, 'the waiting room');
  await doctor.page.goto(`${server.url}/staff`);
  await doctor.page.getByRole('link', { name: '音無 花 さんの診察へ' }).click();
  await doctor.page.getByRole('button', { name: '呼ぶ' }).click({ timeout: 20_000 });
  await doctor.page.getByText('まだ済んでいない確認があります').waitFor();
  await press(patient.page, 'この場所を知らせる');
  await patient.page.getByText('問題があります').waitFor();
  assert.equal(await patient.page.locator('.error-summary a').count(), 5, 'all that is missing, at once');
  await tellPlace(patient.page);
  await doctor.page.locator('summary', { hasText: '診察前の確認' }).click();
  await doctor.page.getByText('東京都新宿区架空町9-8-7').waitFor();
  // She is new here: on what a first visit rests is asked by the end, and can be said where it stands.
  await doctor.page.getByText(/初診の根拠:\s*まだ （初診なら、閉じる前に必要）/).waitFor();
  assert.equal(await doctor.page.locator('summary', { hasText: '初診の根拠 を理由を書いて省く' }).count(), 0);
  await press(doctor.page, '初診の根拠を確かめる');
  await doctor.page.getByRole('button', { name: '根拠を確かめた' }).waitFor();
  assert.equal(await doctor.page.evaluate(() => document.activeElement.textContent), '問診と初診の根拠', 'who pressed it goes on there');
  await screenshotsInBoth(doctor.page, 'consult-basis');
  await doctor.page.locator('summary', { hasText: '問診と初診の根拠' }).click();
  await writePlan(doctor.page);
  await doctor.page.getByText(/診療計画の合意:\s*済み/).waitFor();
  await assertAccessible(doctor.page, 'the page of a visit');
  await doctor.page.getByText('回線の数値').waitFor({ timeout: 20_000 });
  await screenshotsInBoth(doctor.page, 'consult-line-and-plan');
  await press(doctor.page, '呼ぶ');
  for (const { page } of [patient, doctor]) await until('pictures arrive', () => sees(page), 30_000);
  // Beside a call that runs there is no way to say that there was none.
  assert.equal(await doctor.page.getByText('通話せずに診察を閉じる').count(), 0);

  // In an emergency both see 119, the address and the nearest partner; the pictures go on.
  for (const { page } of [patient, doctor]) {
    await press(page, '緊急のとき');
    await page.getByRole('link', { name: '119番に電話する' }).waitFor();
    assert.equal(await page.getByRole('link', { name: '119番に電話する' }).getAttribute('href'), 'tel:119');
    await page.getByText('東京都新宿区架空町9-8-7').first().waitFor();
    await page.getByText('見本区民総合病院').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'emergency-title', 'who pressed it goes on reading there');
    await assertAccessible(page, 'the button for an emergency');
    await press(page, 'とじる');
  }
  for (const { page } of [patient, doctor]) assert.ok(await sees(page));
  // What both saw is counted every few seconds; without it the visit cannot be closed as done.
  const counted = (id) => fetch(`/api/clinic/visits/${id}/closing`).then((answer) => answer.json()).then(({ suggested }) => suggested.video_seen);
  await until('the server counts the pictures', () => doctor.page.evaluate(counted, booking.id), 40_000);

  // How good it was is measured by both pages, and shown to the clinic.
  await doctor.page.locator('summary', { hasText: '通話の品質' }).click();
  const quality = (role) => doctor.page.locator('details section').filter({ has: doctor.page.getByRole('heading', { level: 3, name: role, exact: true }) });
  for (const role of ['患者', '医師']) await quality(role).getByText('映像が届いた時間').waitFor({ timeout: 70_000 });
  assert.match(await quality('患者').innerText(), /映像が届いた時間\s+(\d+ 分 )?\d+ 秒（\d+ %）/);
  await assertAccessible(doctor.page, 'the quality of the call');
  await screenshotsInBoth(doctor.page, 'consult-quality');

  await press(doctor.page, '終わる');
  await press(doctor.page, 'はい、終わる');
  await patient.page.getByRole('heading', { level: 1, name: '診察が終わりました' }).waitFor();
  await patient.page.getByText('医師が記録を書いています').waitFor();

  // The form knows the rules: nothing is known of her, so eight days are too many.
  await doctor.page.getByLabel('診察した').check();
  await doctor.page.getByLabel('電子処方箋').check();
  await doctor.page.getByLabel('日数').fill('8');
  await doctor.page.getByLabel('向精神薬').check();
  await doctor.page.getByLabel('引換番号').fill('345678');
  await press(doctor.page, '保存して閉じる');
  await doctor.page.getByText('本人確認の方法を選んでください').first().waitFor();
  await doctor.page.getByRole('link', { name: '根拠を選んでください' }).waitFor();
  // In either language what is missing is said anew.
  const close = () => doctor.page.getByRole('button', { name: /^(保存して閉じる|Save and close)$/ }).click();
  await screenshotsInBoth(doctor.page, 'close-first-visit', close);
  await doctor.page.getByLabel('顔写真のある証明書').check();
  // On what it rests the door did not ask: the service is for everybody.
  await doctor.page.getByLabel('初診の根拠').selectOption({ label: '医学的情報が十分にある' });
  await press(doctor.page, '保存して閉じる');
  await doctor.page.getByRole('link', { name: '手元にある医学的情報を選んでください' }).click();
  await doctor.page.getByLabel('お薬手帳').check();
  await press(doctor.page, '保存して閉じる');
  for (const fault of ['8日分以上を処方できません', '麻薬と向精神薬を処方できません', '今使っている薬を確かめてください', '今後の方針を患者に伝える文']) {
    await doctor.page.getByText(fault).first().waitFor();
  }
  await assertAccessible(doctor.page, 'the closing form');
  await assertLargeText(doctor.page, 'the closing form');
  await doctor.page.getByLabel('日数').fill('7');
  await doctor.page.getByLabel('向精神薬').uncheck();
  await doctor.page.getByLabel('今使っている薬を確かめた').check();
  await press(doctor.page, 'いつもの文を入れる（日本語）');
  await press(doctor.page, '保存して閉じる');
  await doctor.page.getByText('診察を閉じました').waitFor();

  // The patient reads what follows, and the number once.
  await patient.page.getByText('よくならないとき、悪くなったときは').waitFor({ timeout: 20_000 });
  await patient.page.getByText('電子処方箋（7 日分）').waitFor();
  assert.equal(await patient.page.getByText('345678').count(), 0);
  await patient.page.getByText(/\d+月\d+日（.） 午後11:59 まで使えます/).waitFor();
  await press(patient.page, '引換番号を表示する');
  await patient.page.getByText('345678').waitFor();
  await assertAccessible(patient.page, 'the end of a visit');
  await patient.page.getByRole('link', { name: '診療計画を読む' }).click();
  await patient.page.getByText('一週間で治らなければ来院').waitFor();
  await assertAccessible(patient.page, 'the plan');
  await screenshotsInBoth(patient.page, 'patient-plan');
  // The version before it, by keyboard: it says that it was replaced, and leads back.
  await patient.page.getByRole('link', { name: /^第1版/ }).press('Enter');
  await patient.page.getByText('これは古い版です。第2版').waitFor();
  await patient.page.getByText('二週間で治らなければ来院').waitFor();
  assert.equal(await patient.page.getByText('一週間で治らなければ来院').count(), 0);
  assert.equal(await patient.page.evaluate(() => document.activeElement.tagName), 'H1', 'a screen reader starts at the title');
  await assertAccessible(patient.page, 'an earlier version of the plan');
  await assertLargeText(patient.page, 'an earlier version of the plan');
  await screenshotsInBoth(patient.page, 'patient-plan-earlier');
  await patient.page.getByRole('link', { name: '今の診療計画にもどる' }).press('Enter');
  await patient.page.getByText('一週間で治らなければ来院').waitFor();
  await patient.page.goto(`${server.url}/visit/${booking.id}`);
  await patient.page.getByText('に表示しました').waitFor();
  assert.equal(await patient.page.getByText('345678').count(), 0);

  await Promise.all([patient, doctor].map((profile) => profile.close()));
  assert.doesNotMatch(server.log(), /音無 花|架空町9-8-7|星野|345678|[一二]週間で治ら/, 'personal data in the log');
  await server.stop();
});
