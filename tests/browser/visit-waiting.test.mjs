// The way from the link to the waiting room, and the waiting room itself: how often something has to
// be pressed, places that outlast reloads and devices, help for devices that refuse, and third persons
// who come in only by the patient's yes.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { assertAccessible, assertLargeText } from './accessible.mjs';
import { dark } from './call.mjs';
import { closeAll, openProfile, screenshots, screenshotsInBoth, startServer, until } from './harness.mjs';
import { bookFirstTime, enterVisit, enterWaitingRoom, fillBirthDate, press, signIn, tellPlace } from './people.mjs';

after(closeAll);

/** Counts the presses of a page's person from now on: clicks that a person did, and Enter. */
const countPresses = (profile) => profile.context.addInitScript(() => {
  window.__presses = Number(sessionStorage.getItem('presses') ?? 0);
  const press = (event) => {
    if (!event.isTrusted || (event.type === 'keydown' && event.key !== 'Enter')) return;
    window.__presses += 1;
    sessionStorage.setItem('presses', window.__presses);
  };
  for (const kind of ['pointerdown', 'keydown']) document.addEventListener(kind, press, true);
});
const presses = (page) => page.evaluate(() => window.__presses);

/** The waiting room says its place. */
const place = (page, text) => page.locator('.waiting-place', { hasText: text }).waitFor({ timeout: 30_000 });

/** Who treats, since when registered, and the clinic's telephone are on the screen. */
const attended = async (page) => {
  assert.equal(await page.locator('main a[href^="tel:0"]').count(), 1, 'the clinic is named once');
  const panel = page.locator('.doctor');
  await panel.getByText('音無 静').waitFor();
  await panel.getByText('2009').waitFor();
  assert.match(await panel.locator('a').first().getAttribute('href'), /^tel:[\d+]+$/);
};

test('from the link to the waiting room, and a place that stays', { timeout: 240_000 }, async () => {
  const server = await startServer();
  const first = await openProfile({ name: 'first', camera: true });
  const second = await openProfile({ name: 'second', camera: true });
  const early = await bookFirstTime(first.page, server.url, { name: '音無 花', kana: 'オトナシ ハナ' });
  const late = await bookFirstTime(second.page, server.url, { name: '波野 凪', kana: 'ナミノ ナギ' });

  // The browser that booked: one tap on the link, and nothing in our pages.
  await countPresses(first);
  await enterWaitingRoom(first.page, early.link, { place: false });
  assert.equal(await presses(first.page), 0, 'a browser that is known presses nothing');
  await tellPlace(first.page);

  // A new device: the birth date, and one button.
  const device = await openProfile({ name: 'device', camera: true });
  await device.page.goto(late.link);
  await device.page.getByRole('link', { name: /^[\d-]+$/ }).waitFor();
  assert.match(await device.page.locator('a[href^="tel:"]').first().getAttribute('href'), /^tel:[\d+]+$/);
  await fillBirthDate(device.page);
  const pressed = device.page.evaluate(() => new Promise((done) => {
    let count = 0;
    document.addEventListener('pointerdown', (event) => { if (event.isTrusted) count += 1; }, true);
    const look = setInterval(() => {
      if (document.querySelector('.waiting-place') === null) return;
      clearInterval(look);
      done(count);
    }, 200);
  }));
  await press(device.page, '予約を開く');
  await place(device.page, 'あなたは 2 番目です');
  assert.equal(await pressed, 1, 'one press after the birth date');
  await device.page.getByText('ごろの見込みです').waitFor();

  // Three reloads of a second device's page; then the first device again, and the older page is told.
  for (let reload = 1; reload <= 3; reload += 1) {
    await device.page.reload();
    await place(device.page, 'あなたは 2 番目です');
  }
  await second.page.goto(late.link);
  await place(second.page, 'あなたは 2 番目です');
  await device.page.getByText('ほかの画面で開いています').waitFor();
  for (const page of [first.page, second.page, device.page]) await attended(page);
  assert.equal(await second.page.getByText('音無 花').count(), 0, 'nobody learns who the others are');
  await screenshots(second.page, 'waiting-second');
  await assertAccessible(second.page, 'the waiting room');
  await assertLargeText(second.page, 'the waiting room');

  // The doctor says to be late; everybody who waits hears it, each in their own language.
  const doctor = await openProfile({ name: 'doctor', camera: true });
  await signIn(doctor.page, server.url, 'doctor');
  await second.page.getByRole('button', { name: 'English' }).click();
  await press(doctor.page, '10 分おくれる');
  await first.page.getByText('先生は 10 分ほど おくれます').waitFor();
  await second.page.getByText(/10 minutes late/).first().waitFor();
  await screenshots(doctor.page, 'today-late');
  await press(doctor.page, 'おくれを取り消す');
  await first.page.getByText('先生は 10 分ほど おくれます').waitFor({ state: 'detached' });

  // Patience is asked for; then the first is called, and the second is next.
  await doctor.page.getByRole('link', { name: '音無 花 さんの診察へ' }).click();
  await press(doctor.page, 'お待たせする');
  await first.page.getByText('もう少しお待ちください').waitFor();
  await doctor.page.getByRole('button', { name: '呼ぶ' }).click();
  await first.page.getByRole('heading', { level: 1, name: '診察', exact: true }).waitFor();
  await second.page.getByText('You are next').waitFor();
  await attended(first.page);
  await Promise.all([first, second, device, doctor].map((profile) => profile.close()));
  assert.doesNotMatch(server.log(), /音無 花|波野 凪|オトナシ|ナミノ/, 'personal data in the log');
  await server.stop();
});

test('a visit that is moved while its patient waits', { timeout: 120_000 }, async () => {
  const server = await startServer();
  const patient = await openProfile({ name: 'patient', camera: true });
  const desk = await openProfile({ name: 'desk' });
  const { id, link } = await bookFirstTime(patient.page, server.url, { name: '音無 花', kana: 'オトナシ ハナ' });
  await signIn(desk.page, server.url, 'doctor');
  // The day's list is not loaded anew by anybody: it hears that she came, and what is clear.
  const row = desk.page.getByRole('row', { name: /音無 花/ });
  await row.getByText('患者の所在').waitFor();
  assert.equal(await row.getByText('待合室', { exact: true }).count(), 0);
  // Where that is wanted the list says it aloud: two notes, as when it was switched on.
  const notes = () => desk.page.evaluate(() => window.__notes);
  await desk.page.evaluate(() => {
    window.__notes = 0;
    const make = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () {
      window.__notes += 1;
      return make.call(this);
    };
  });
  await press(desk.page, '待合室に来たら音で知らせる');
  await until('it sounds as it will', async () => (await notes()) === 2);
  await enterWaitingRoom(patient.page, link, { place: false });
  await row.getByText('待合室', { exact: true }).waitFor({ timeout: 5_000 });
  await until('it sounds', async () => (await notes()) === 4, 5_000);
  await tellPlace(patient.page);
  await row.getByText('患者の所在').waitFor({ state: 'detached', timeout: 5_000 });
  assert.equal(await notes(), 4, 'once for each who comes');
  await screenshots(desk.page, 'today-clearance');
  await desk.page.goto(`${server.url}/staff/move/${id}`);
  // Her own limit for changes is over: the clinic says why it moves her.
  await desk.page.getByLabel('決まりの外で変える理由').selectOption({ index: 1 });
  // Late in the evening few times of the day are left.
  await desk.page.getByRole('button', { name: '次の日' }).click();
  await desk.page.locator('.slots button').nth(3).click();
  await patient.page.getByRole('heading', { level: 1, name: '予約の時間が変わりました' }).waitFor();
  await dark(patient.page);
  await attended(patient.page);
  await patient.page.getByText(/^新しい時間は \d+月\d+日（.） 午[前後]\d+:\d\d です。$/).waitFor();
  await screenshotsInBoth(patient.page, 'visit-moved');
  await assertAccessible(patient.page, 'a visit that was moved');
  await patient.page.getByRole('link', { name: '予約の内容を見る' }).click();
  await patient.page.getByRole('heading', { level: 1, name: 'ご予約' }).waitFor();
  await Promise.all([patient, desk].map((profile) => profile.close()));
  await server.stop();
});

/** A page whose camera answers as `name` says, on a device that calls itself `userAgent`. */
async function refusing(server, link, { name, userAgent, missing = false }) {
  const profile = await openProfile({ name: `refused-${name ?? 'missing'}`, camera: true });
  await profile.context.addInitScript(([error, agent, none]) => {
    if (agent) Object.defineProperty(Navigator.prototype, 'userAgent', { get: () => agent });
    if (none) Object.defineProperty(Navigator.prototype, 'mediaDevices', { get: () => undefined });
    else navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('test', error));
  }, [name, userAgent, missing]);
  await profile.page.goto(link);
  await enterVisit(profile.page);
  await profile.page.getByRole('alert').waitFor();
  return profile;
}

const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';
const ANDROID = 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';
const LINE = `${IPHONE} Line/15.0.0`;

test('devices that refuse are helped by what fits them', { timeout: 240_000 }, async () => {
  const server = await startServer();
  const booker = await openProfile({ name: 'booker' });
  const { link } = await bookFirstTime(booker.page, server.url, { name: '音無 花', kana: 'オトナシ ハナ' });
  const cases = [
    { name: 'NotAllowedError', userAgent: IPHONE, says: 'Safari のカメラとマイクを「許可」', not: '印を押し' },
    { name: 'NotAllowedError', userAgent: ANDROID, says: '住所のらんの左の印を押し', not: 'Safari' },
    { name: 'NotFoundError', says: 'カメラとマイクがつながっているか', not: 'LINE' },
    { name: 'NotReadableError', says: 'ほかのビデオ通話やカメラのアプリを閉じて', not: 'LINE' },
  ];
  for (const { name, userAgent, says, not } of cases) {
    const profile = await refusing(server, link, { name, userAgent });
    const help = profile.page.getByRole('alert');
    await help.getByText(says).waitFor();
    assert.doesNotMatch(await help.textContent(), new RegExp(not), `${name} on ${userAgent ?? 'a computer'}`);
    // Nobody waits without camera and microphone, and there is always a telephone.
    assert.match(profile.page.url(), /\/check$/);
    await attended(profile.page);
    // The same button again, once the device is free.
    await profile.page.evaluate(() => { delete navigator.mediaDevices.getUserMedia; });
    await press(profile.page, 'もう一度試す');
    await profile.page.getByRole('heading', { level: 1, name: '待合室' }).waitFor({ timeout: 30_000 });
    await profile.close();
  }

  // Within LINE there is no camera at all: the way out into a browser.
  const line = await refusing(server, link, { missing: true, userAgent: LINE });
  await line.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await line.page.getByText('「ブラウザで開く」を選んでください').waitFor();
  assert.equal(await line.page.getByRole('alert').getByText('読み込み直して').count(), 0, 'loading it again helps nobody there');
  await screenshots(line.page, 'check-in-line');
  await assertAccessible(line.page, 'the help within LINE');
  await press(line.page, 'この画面の住所をコピーする');
  await line.page.getByText('コピーしました').waitFor();
  const copied = await line.page.evaluate(() => navigator.clipboard.readText());
  assert.equal(new URL(copied).searchParams.get('openExternalBrowser'), '1', copied);
  // With what opens the booking there; the birth date is asked for again.
  assert.equal(new URL(copied).hash, new URL(link).hash);
  await Promise.all([booker, line].map((profile) => profile.close()));
  await server.stop();
});

test('a third person comes in by the patient’s yes', { timeout: 240_000 }, async () => {
  const server = await startServer();
  const patient = await openProfile({ name: 'patient', camera: true });
  const doctor = await openProfile({ name: 'doctor', camera: true });
  const guest = await openProfile({ name: 'guest', camera: true });
  const { link } = await bookFirstTime(patient.page, server.url, { name: '音無 花', kana: 'オトナシ ハナ' });
  await enterWaitingRoom(patient.page, link);
  await signIn(doctor.page, server.url, 'doctor');
  await doctor.page.getByRole('link', { name: '音無 花 さんの診察へ' }).click();
  await doctor.page.getByRole('button', { name: '呼ぶ' }).click({ timeout: 20_000 });
  await patient.page.getByRole('heading', { level: 1, name: '診察', exact: true }).waitFor();

  await doctor.page.getByText('招待する', { exact: true }).click();
  await doctor.page.getByLabel('お名前（患者さんに見えます）').fill('手話 結');
  await press(doctor.page, 'リンクを作る');
  const invitation = await doctor.page.locator('code.invitation').textContent();
  assert.match(invitation, /\/visit#g\.[\w-]{43}$/);
  await screenshots(doctor.page, 'people-invited');

  await guest.page.goto(invitation);
  await guest.page.getByRole('heading', { level: 1, name: '診察への招待' }).waitFor();
  assert.equal(new URL(guest.page.url()).hash, '', 'the secret stayed in the address bar');
  assert.equal(await guest.page.getByText('音無 花').count(), 0);
  await attended(guest.page);
  await screenshots(guest.page, 'guest-entry');
  await assertAccessible(guest.page, 'the page of an invitation');
  await press(guest.page, '待合室に入る');
  await guest.page.getByRole('heading', { level: 1, name: '待合室' }).waitFor();

  const ask = () => doctor.page.getByRole('button', { name: '患者さんに聞いて入れる' }).click({ timeout: 20_000 });
  const prompt = patient.page.getByRole('alertdialog', { name: '手話 結さん（通訳）が診察に入ってもよいですか' });
  await ask();
  await prompt.waitFor();
  // Nothing else can be reached, and Escape is no answer.
  for (let tab = 0; tab < 6; tab += 1) {
    await patient.page.keyboard.press('Tab');
    const inside = await patient.page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog') !== null);
    assert.ok(inside, 'the focus left the question');
  }
  await patient.page.keyboard.press('Escape');
  await prompt.waitFor();
  await screenshots(patient.page, 'consent-prompt');
  await assertAccessible(patient.page, 'the question about a third person');
  assert.equal(await guest.page.getByRole('heading', { level: 1, name: '待合室' }).count(), 1);
  await prompt.getByRole('button', { name: 'いいえ' }).click();
  await guest.page.getByRole('heading', { level: 1, name: '今は入れません' }).waitFor();
  await dark(guest.page);

  await press(guest.page, 'もう一度入る');
  await ask();
  await prompt.getByRole('button', { name: 'はい、入ってよい' }).click();
  await guest.page.getByRole('heading', { level: 1, name: '診察', exact: true }).waitFor();
  await doctor.page.getByText('患者さんの同意: あり').waitFor();
  for (const page of [patient.page, guest.page]) await attended(page);

  // Once more the same person: once more the question. And then sent away for good.
  await guest.page.reload();
  await guest.page.getByRole('button', { name: '待合室に入る' }).click();
  await guest.page.getByRole('heading', { level: 1, name: '診察', exact: true }).waitFor();
  await press(guest.page, '終わる');
  await press(guest.page, 'はい、終わる');
  await dark(guest.page);
  await press(guest.page, 'もう一度入る');
  await ask();
  await prompt.getByRole('button', { name: 'はい、入ってよい' }).click();
  await guest.page.getByRole('heading', { level: 1, name: '診察', exact: true }).waitFor();
  await press(doctor.page, '手話 結 さんを退出させる');
  await guest.page.getByRole('heading', { level: 1, name: 'この診察には入れません' }).waitFor();
  await dark(guest.page);
  await guest.page.reload();
  await guest.page.getByRole('heading', { level: 1, name: '予約を開けません' }).waitFor();
  await until('the doctor sees it', async () => (await doctor.page.getByText('退出させました').count()) === 1);
  await Promise.all([patient, doctor, guest].map((profile) => profile.close()));
  assert.doesNotMatch(server.log(), /手話 結|音無 花/, 'personal data in the log');
  await server.stop();
});
