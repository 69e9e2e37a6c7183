// The harness itself: that it sees what it is there to see. The page comes from a small server here.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { CAST, channels, colorGap, colorOf, toneOf, whoseColor } from './fakes.mjs';
import { closeAll, openProfile, peerStats, screenshots, startServer, until } from './harness.mjs';

const PAGE = `<!doctype html><html lang="ja"><meta name="viewport" content="width=device-width">
<title>試験</title><h1>こんにちは</h1><video autoplay playsinline></video><script src="/call.js"></script></html>`;

// A call of the page with itself: two peers, one fake camera, and a microphone if asked for.
const CALL = `window.call = async (audio = false) => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio });
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  b.ontrack = ({ streams }) => { document.querySelector('video').srcObject = streams[0]; };
  a.onicecandidate = (e) => b.addIceCandidate(e.candidate);
  b.onicecandidate = (e) => a.addIceCandidate(e.candidate);
  stream.getTracks().forEach((track) => a.addTrack(track, stream));
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription);
};`;

let site;
let url;

before(async () => {
  site = createServer((request, response) => {
    const script = request.url === '/call.js';
    response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html; charset=utf-8');
    response.setHeader('Content-Security-Policy', "default-src 'self'");
    response.end(script ? CALL : PAGE);
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
  url = `http://127.0.0.1:${site.address().port}/`;
});

after(async () => {
  await closeAll();
  site.closeAllConnections();
  site.close();
});

test('two profiles share nothing', async () => {
  const [one, two] = [await openProfile({ name: 'one' }), await openProfile({ name: 'two' })];
  for (const { page } of [one, two]) await page.goto(url);
  await one.page.evaluate(() => {
    localStorage.setItem('key', 'value');
    document.cookie = 'cookie=1';
  });
  const seen = await two.page.evaluate(() => [localStorage.getItem('key'), document.cookie]);
  assert.deepEqual(seen, [null, '']);
  await one.close();
  await two.close();
});

test('a violation of the policy and an uncaught error fail the profile', async () => {
  const profile = await openProfile({ name: 'careless' });
  await profile.page.goto(url);
  await profile.page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<img src="http://127.0.0.1:9/x.png">');
    setTimeout(() => {
      throw new Error('nobody caught me');
    });
  });
  await until('both complaints', () => {
    const all = profile.complaints.join('\n');
    return all.includes('img-src') && all.includes('nobody caught me');
  });
  await assert.rejects(profile.close(), /careless: /);
});

test('the frames of a call are counted', async () => {
  const profile = await openProfile({ name: 'caller', camera: true });
  await profile.page.goto(url);
  await profile.page.evaluate(() => window.call());
  const decoded = async () => (await peerStats(profile.page)).find((s) => s.framesDecoded > 5);
  const receiver = await until('frames', decoded);
  assert.equal(receiver.state, 'connected');
  assert.equal(receiver.local, 'host');
  const later = () => peerStats(profile.page);
  await until('more frames', async () =>
    (await later()).some((s) => s.framesDecoded > receiver.framesDecoded + 20),
  );
  assert.equal((await later()).length, 2);
  await profile.close();
});

test('a camera is known by its colour and a microphone by its tone, after the way through a call', async () => {
  for (const who of ['doctor', 'interpreter']) {
    const profile = await openProfile({ name: who, camera: CAST[who] });
    await profile.page.goto(url);
    assert.equal(await colorOf(profile.page, 'video'), undefined, 'nothing is shown yet');
    await profile.page.evaluate(() => window.call(true));
    const found = await until('a picture', () => colorOf(profile.page, 'video'));
    assert.equal(whoseColor(found), who, `${found}`);
    assert.ok(colorGap(found, channels(CAST[who].color)) < 30, `${found} for ${CAST[who].color}`);
    const hertz = await until('a tone', () => toneOf(profile.page, 'video'));
    assert.ok(Math.abs(hertz - CAST[who].tone) < 30, `${hertz} for ${CAST[who].tone}`);
    await profile.close();
  }
});

test('a page is taken in both widths, and one that is too wide is refused', async () => {
  const profile = await openProfile({ name: 'viewer' });
  await profile.page.goto(url);
  for (const path of await screenshots(profile.page, 'harness')) {
    assert.ok((await stat(path)).size > 1000);
  }
  await profile.page.evaluate(() => {
    const wide = document.body.appendChild(document.createElement('div'));
    wide.style.cssText = 'width: 500px; height: 1px';
  });
  await assert.rejects(screenshots(profile.page, 'harness-wide'), /500 px wide|wide in a window/);
  await profile.close();
});

test('the server is waited for, told its settings, and ended by its id', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onshin-harness-'));
  const usual = process.env.ONSHIN_BIN;
  const program = join(folder, 'server.mjs');
  process.env.ONSHIN_BIN = program;
  // Stands in for the server: the real one is started by the tests of the pages.
  const body = (rest) => `#!${process.execPath}\nimport { createServer } from 'node:http';\n${rest}`;
  const serve = `const begun = Date.now();
    console.log(JSON.stringify([process.argv.slice(2), Object.keys(process.env)]));
    createServer((request, response) => {
      response.statusCode = Date.now() - begun > 500 ? 200 : 503;
      response.end();
    }).listen(Number(process.env.ONSHIN_LISTEN.split(':')[1]), '127.0.0.1');`;
  try {
    await writeFile(program, body(serve));
    await chmod(program, 0o755);
    const server = await startServer({ env: { ONSHIN_ICE_POLICY: 'relay' } });
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    const [args, names] = JSON.parse(server.log().split('\n')[0]);
    assert.deepEqual(args, ['serve', '--demo']);
    assert.ok(names.includes('ONSHIN_ICE_POLICY') && !names.includes('ONSHIN_BIN'));
    await server.stop();
    await assert.rejects(fetch(`${server.url}/readyz`));
    await assert.rejects(stat(server.folder));

    await writeFile(program, body("console.error('no disk left'); process.exit(3);"));
    await assert.rejects(startServer(), /exit 3[^]*no disk left/);
  } finally {
    if (usual === undefined) delete process.env.ONSHIN_BIN;
    else process.env.ONSHIN_BIN = usual;
    await rm(folder, { recursive: true });
  }
});
