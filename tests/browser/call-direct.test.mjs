// Two people, directly: each sees and hears the other, and not himself.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { connected, meet, putAway, shows } from './call.mjs';
import { CAST, toneOf } from './fakes.mjs';
import { closeAll, startServer, until } from './harness.mjs';
import { press } from './people.mjs';

after(closeAll);

/** That the voice in a tile is the one of `who`. */
async function hears(page, tile, who) {
  const hertz = await until(`${tile} sounds`, () => toneOf(page, tile));
  assert.ok(Math.abs(hertz - CAST[who].tone) < 30, `${tile} sounds at ${hertz}, not like the ${who}`);
}

test('each sees and hears the other', { timeout: 180_000 }, async () => {
  const server = await startServer();
  const { patient, doctor } = await meet(server);

  await shows(patient.page, '.remote video', 'doctor');
  await shows(patient.page, '.local video', 'patient');
  await shows(doctor.page, '.remote video', 'patient');
  await shows(doctor.page, '.local video', 'doctor');
  await hears(patient.page, '.remote video', 'doctor');
  await hears(doctor.page, '.remote video', 'patient');
  for (const { page } of [patient, doctor]) {
    const { local, remote } = await connected(page);
    assert.ok(local !== 'relay' && remote !== 'relay', `${local} to ${remote}`);
  }

  await press(doctor.page, '終わる');
  await press(doctor.page, 'はい、終わる');
  await patient.page.getByRole('heading', { level: 1, name: '診察が終わりました' }).waitFor();
  for (const { page } of [patient, doctor]) await putAway(page);
  await Promise.all([patient.close(), doctor.close()]);
  await server.stop();
});
