// A screen that is shown to the other side: it arrives beside the face, not in its place.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { chooseWindow, meet, putAway, screen, seesWindow, SELF, shows, tile } from './call.mjs';
import { closeAll, screenshots, startServer } from './harness.mjs';
import { press } from './people.mjs';

after(closeAll);

test('the doctor shows a window, stops, and shows it again', { timeout: 180_000 }, async () => {
  const server = await startServer();
  const { patient, doctor } = await meet(server);
  await chooseWindow(doctor.page);

  for (const round of [1, 2]) {
    await press(doctor.page, '画面を見せる');
    await patient.page.getByText('医師） が画面を見せています').waitFor();
    await seesWindow(patient.page, 'clinician');
    await shows(patient.page, tile('clinician'), 'doctor');
    await shows(doctor.page, tile('patient'), 'patient');
    if (round === 1) await screenshots(patient.page, 'call-screen-patient');
    await press(doctor.page, '画面を見せるのをやめる');
    await patient.page.locator(screen('clinician')).waitFor({ state: 'detached' });
    await shows(patient.page, tile('clinician'), 'doctor');
  }
  await shows(doctor.page, SELF, 'doctor');
  const live = await doctor.page.evaluate(() => window.__peers.flatMap((peer) => peer.getSenders()).filter((one) => one.track).length);
  assert.equal(live, 2, 'voice and face are sent, and no screen any more');

  await press(doctor.page, '終わる');
  await press(doctor.page, 'はい、終わる');
  await patient.page.getByRole('heading', { level: 1, name: '診察が終わりました' }).waitFor();
  for (const { page } of [patient, doctor]) await putAway(page);
  await Promise.all([patient.close(), doctor.close()]);
  await server.stop();
});
