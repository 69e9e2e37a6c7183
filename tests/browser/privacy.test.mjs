// What the browser itself enforces and keeps: devices, content security, cookies, storage, and
// where the secret of a link goes.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { closeAll, openProfile, startServer } from './harness.mjs';
import { bookFirstTime, enterWaitingRoom, press, signIn } from './people.mjs';

let server;
let patient;
let telephone;
let doctor;
let booking;
/** Everything the browsers asked for: address, referrer, headers' text. */
const asked = [];
/** What was refused by the content security policy, as told by the pages. */
const refused = [];

const listen = ({ context }) => {
  context.on('request', (request) => asked.push({ url: request.url(), headers: JSON.stringify(request.headers()) }));
  context.on('page', (page) => page.on('websocket', (socket) => asked.push({ url: socket.url(), headers: '' })));
  for (const page of context.pages()) {
    page.on('websocket', (socket) => asked.push({ url: socket.url(), headers: '' }));
  }
};

before(async () => {
  server = await startServer();
  patient = await openProfile({ name: 'patient', camera: true });
  telephone = await openProfile({ name: 'telephone', camera: true });
  doctor = await openProfile({ name: 'doctor', camera: true });
  [patient, telephone, doctor].forEach(listen);
  booking = await bookFirstTime(patient.page, server.url, { name: '音無 花', kana: 'オトナシ ハナ' });
  await enterWaitingRoom(telephone.page, booking.link);
  await signIn(doctor.page, server.url, 'doctor');
});
after(closeAll);

/** What a page gets that asks for camera and microphone: `granted`, or the name of the refusal. */
const devices = (page) =>
  page.evaluate(async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      stream.getTracks().forEach((track) => track.stop());
      return 'granted';
    } catch (error) {
      return error.name;
    }
  });

test('only the pages of a visit may use camera and microphone', async () => {
  const pages = [
    ['/', 'NotAllowedError'],
    [`/bookings/${booking.id}`, 'NotAllowedError'],
    ['/staff', 'NotAllowedError'],
    ['/staff/hours', 'NotAllowedError'],
    ['/visit', 'granted'],
    [`/visit/${booking.id}/check`, 'granted'],
    [`/staff/visit/${booking.id}`, 'granted'],
  ];
  const { page } = await openProfile({ name: 'devices', camera: true });
  for (const [path, expected] of pages) {
    await page.goto(server.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.equal(await devices(page), expected, path);
  }
});

test('no page breaks its own content security policy, and a foreign script is refused', async () => {
  for (const [{ page }, paths] of [
    [patient, ['/', `/bookings/${booking.id}`, `/bookings/${booking.id}/change`, `/bookings/${booking.id}/cancel`, '/bookings']],
    [telephone, [`/visit/${booking.id}`, `/visit/${booking.id}/check`, `/visit/${booking.id}/room`]],
    [doctor, ['/staff', '/staff/hours', '/staff/closed-days', `/staff/visit/${booking.id}`]],
  ]) {
    for (const path of paths) {
      await page.goto(server.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await press(page, 'English');
      await press(page, '日本語');
    }
  }
  assert.deepEqual([patient, telephone, doctor].flatMap(({ complaints }) => complaints), []);

  // The listener does hear: what is planted is refused and told.
  const probe = await openProfile({ name: 'probe' });
  probe.expectComplaint(/content security policy/i);
  await probe.page.goto(server.url);
  await probe.page.exposeBinding('__heard', (_, what) => refused.push(what));
  await probe.page.evaluate(() => {
    document.addEventListener('securitypolicyviolation', (event) => window.__heard(event.violatedDirective));
    const inline = document.createElement('script');
    inline.textContent = 'window.__ran = true';
    document.head.append(inline);
    const foreign = document.createElement('img');
    foreign.src = 'https://example.invalid/pixel.png';
    document.body.append(foreign);
  });
  await probe.page.waitForTimeout(300);
  assert.deepEqual([...new Set(refused)].sort(), ['img-src', 'script-src-elem']);
  assert.equal(await probe.page.evaluate(() => window.__ran), undefined);
});

test('cookies are of this host alone, and no script can read them', async () => {
  for (const [profile, name] of [
    [patient, '__Host-onshin-patient'],
    [telephone, '__Host-onshin-patient'],
    [doctor, '__Host-onshin-staff'],
  ]) {
    const cookies = await profile.context.cookies();
    assert.deepEqual(cookies.map((cookie) => cookie.name), [name], profile.name);
    for (const { secure, httpOnly, path, domain, sameSite } of cookies) {
      assert.deepEqual({ secure, httpOnly, path, domain, sameSite }, {
        secure: true, httpOnly: true, path: '/', domain: '127.0.0.1', sameSite: 'Lax',
      });
    }
    assert.equal(await profile.page.evaluate(() => document.cookie), '');
  }
});

/** Whatever a page of this origin left in the browser. */
const kept = (page) =>
  page.evaluate(async () => ({
    local: Object.entries(localStorage),
    session: Object.entries(sessionStorage),
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: 'caches' in window ? await caches.keys() : [],
    workers: (await navigator.serviceWorker?.getRegistrations())?.length ?? 0,
  }));

test('nothing but the language is kept on the device', async () => {
  for (const { page, name } of [patient, telephone, doctor]) {
    await press(page, '日本語');
    assert.deepEqual(
      await kept(page),
      { local: [['onshin.language', 'ja']], session: [], databases: [], caches: [], workers: 0 },
      name,
    );
  }
});

test('the secret of a link is in no address, no header and no history', async () => {
  const secret = new URL(booking.link).hash.slice(1);
  assert.ok(secret.length >= 22, 'a secret worth its name');
  assert.ok(asked.length > 30, `${asked.length} requests were seen`);
  assert.ok(asked.some(({ url }) => url.startsWith('ws')), 'the socket of the waiting room was seen');
  for (const { url, headers } of asked) {
    assert.ok(!url.includes(secret), url.replace(secret, '…'));
    assert.ok(!headers.includes(secret), `a header of ${url}`);
  }
  for (const profile of [patient, telephone]) {
    const session = await profile.context.newCDPSession(profile.page);
    const { entries } = await session.send('Page.getNavigationHistory');
    assert.ok(entries.length > 1);
    for (const entry of entries) {
      assert.ok(!entry.url.includes(secret) && !entry.title.includes(secret), `history: ${entry.url.replace(secret, '…')}`);
    }
    assert.ok(!JSON.stringify(await kept(profile.page)).includes(secret));
  }
  assert.ok(!server.log().includes(secret), 'the log');
});
