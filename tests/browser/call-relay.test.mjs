// Calls by way of a relay: a clinic that lets no side learn the other's address, an external coturn
// with the same secret, and the check of the line before the visit.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { closeAll, freePort, openProfile, peerStats, startServer, until } from './harness.mjs';
import { bookFirstTime, enterWaitingRoom, press, signIn } from './people.mjs';

after(closeAll);

/** What is still running; a test that fails leaves it. */
const children = new Set();
after(() => children.forEach((child) => child.kill()));

/** The one peer connection of a page that carries the visit. */
async function call(page) {
  return (await peerStats(page)).find((peer) => peer.framesDecoded > 0 && peer.state === 'connected');
}

/** A patient and a doctor in a call; `before(page)` is done by the doctor first. */
async function meet(server, before = async () => {}) {
  const patient = await openProfile({ name: 'patient', camera: true });
  const doctor = await openProfile({ name: 'doctor', camera: true });
  await signIn(doctor.page, server.url, 'doctor');
  await before(doctor.page);
  const booking = await bookFirstTime(patient.page, server.url, { name: '音無 花', kana: 'オトナシ ハナ' });
  await enterWaitingRoom(patient.page, booking.link);
  await doctor.page.goto(`${server.url}/staff/visit/${booking.id}`);
  await doctor.page.getByRole('button', { name: '呼ぶ' }).click({ timeout: 30_000 });
  for (const { page } of [patient, doctor]) {
    await until('pictures arrive', () => call(page), 40_000);
    const before = (await call(page)).framesDecoded;
    await until('and go on', async () => (await call(page))?.framesDecoded > before + 30);
  }
  return { patient, doctor, booking };
}

/** Every kind of candidate that a page's living connections know of, its own and the other side's. */
const candidates = (page) =>
  page.evaluate(async () => {
    const kinds = { local: [], remote: [] };
    for (const peer of window.__peers.filter((one) => one.connectionState === 'connected')) {
      (await peer.getStats()).forEach((report) => {
        if (report.type === 'local-candidate') kinds.local.push(report.candidateType);
        if (report.type === 'remote-candidate') kinds.remote.push(report.candidateType);
      });
    }
    return kinds;
  });

async function onlyRelays(people) {
  for (const { name, page } of people) {
    const { local, remote } = await candidates(page);
    assert.ok(local.length > 0 && remote.length > 0, `${name}: ${local} ${remote}`);
    for (const kind of [...local, ...remote]) assert.equal(kind, 'relay', `${name}: ${local} | ${remote}`);
    const { local: ours, remote: theirs } = await call(page);
    assert.deepEqual([ours, theirs], ['relay', 'relay'], `the pair that ${name} uses`);
  }
}

/** The clinic's own page of its policy. */
async function showNoAddress(page) {
  await page.getByRole('link', { name: '診療の種類', exact: true }).click();
  await page.getByRole('heading', { name: '映像と音声の通り道' }).waitFor();
  await page.getByLabel('中継サーバーだけ').check();
  await press(page, '通り道を保存する');
  await page.getByText('保存しました').first().waitFor();
  await page.reload();
  assert.ok(await page.getByLabel('中継サーバーだけ').isChecked(), 'it is kept');
}

/** Starts coturn with the secret of `server`'s settings. */
async function startCoturn(secret) {
  const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'onshin-coturn-'))];
  let log = '';
  const child = spawn('turnserver', [
    '-n', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`, '--realm=onshin',
    '--use-auth-secret', `--static-auth-secret=${secret}`, '--no-tls', '--no-dtls', '--no-cli',
    // Both browsers are on this machine; anywhere else this would open it to whoever has a name.
    '--allow-loopback-peers', '--log-file=stdout', `--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'turndb')}`,
  ], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (log = (log + text).slice(-100_000)));
  const ended = new Promise((done) => {
    child.once('exit', (code) => done(`exit ${code}`));
    child.once('error', (error) => done(`${error.message}: tests/tools.sh test installs coturn`));
  });
  await until('coturn listens', async () => {
    const end = await Promise.race([ended, new Promise((done) => setTimeout(done, 50))]);
    if (end) throw new Error(`coturn ended (${end})\n${log}`);
    return new Promise((done) => {
      const socket = createConnection({ host: '127.0.0.1', port }, () => { socket.destroy(); done(true); });
      socket.once('error', () => done(false));
    });
  });
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      children.delete(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What the program counts of its relay, by name, as a collector of numbers reads it. */
async function relayCounts(port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Object.fromEntries([...text.matchAll(/^onshin_(turn_\w+) (\d+)$/gm)].map(([, name, count]) => [name, Number(count)]));
}

test('a clinic lets no side learn the address of the other, and what is relayed is counted', { timeout: 240_000 }, async () => {
  const metrics = await freePort();
  const server = await startServer({ env: { ONSHIN_METRICS__LISTEN: `127.0.0.1:${metrics}` } });
  assert.equal((await relayCounts(metrics)).turn_packets_relayed_total, 0);
  const { patient, doctor } = await meet(server, showNoAddress);
  await onlyRelays([patient, doctor]);
  const during = await relayCounts(metrics);
  console.log(`# ${JSON.stringify(during)}`);
  assert.ok(during.turn_allocations >= 2, 'one of each side lives');
  assert.ok(during.turn_packets_relayed_total > 100 && during.turn_bytes_relayed_total > 10_000, 'pictures went through');
  await press(doctor.page, '終わる');
  await press(doctor.page, 'はい、終わる');
  await until('every allocation is given back', async () => (await relayCounts(metrics)).turn_allocations === 0);
  await patient.close();
  await doctor.close();
  await server.stop();
});

for (const transport of ['udp', 'tcp']) {
  test(`two people meet through an external coturn over ${transport}`, { timeout: 240_000 }, async () => {
    const secret = 'a secret of both';
    const coturn = await startCoturn(secret);
    const server = await startServer({
      env: {
        ONSHIN_ICE_POLICY: 'relay',
        ONSHIN_TURN__MODE: 'external',
        ONSHIN_TURN__SECRET: secret,
        ONSHIN_TURN__URLS: `turn:127.0.0.1:${coturn.port}?transport=${transport}`,
      },
    });
    const { patient, doctor } = await meet(server);
    // There is no other relay.
    await onlyRelays([patient, doctor]);
    await patient.close();
    await doctor.close();
    await server.stop();
    await coturn.stop();
  });
}

test('the line is checked within twelve seconds, both ways and over the relay, and the clinic sees it', { timeout: 180_000 }, async () => {
  const server = await startServer();
  const patient = await openProfile({ name: 'patient', camera: true });
  const desk = await openProfile({ name: 'desk' });
  const booking = await bookFirstTime(patient.page, server.url, { name: '音無 花', kana: 'オトナシ ハナ' });
  let finished;
  patient.page.on('request', (request) => {
    if (/line-check\/[^/]+\/finish$/.test(request.url())) finished = request.postDataJSON();
  });
  await enterWaitingRoom(patient.page, booking.link);
  assert.ok(finished, 'the page has told what it counted');
  assert.ok(finished.took_ms <= 12_000, `took ${finished.took_ms} ms`);
  assert.equal(finished.direct.sent, 100);
  assert.equal(finished.relay.sent, 40);
  await signIn(desk.page, server.url, 'desk');
  const line = await desk.page.evaluate(async () => (await (await fetch('/api/clinic/visits')).json()).items[0].line);
  console.log(`took ${finished.took_ms} ms: ${JSON.stringify(line)}`);
  assert.equal(line.verdict, 'ok');
  assert.ok(line.direct_ok && line.relay_ok, 'both ways work');
  // It sends 1.5 Mbit/s; on a busy machine somewhat less arrives.
  assert.ok(line.up_kbps > 500 && line.up_kbps <= 1_500, `${line.up_kbps} kbit/s up`);
  assert.ok(line.down_kbps > 500 && line.down_kbps <= 1_500, `${line.down_kbps} kbit/s down`);
  await patient.close();
  await desk.close();
  await server.stop();
});
