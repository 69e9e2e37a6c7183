// A screen that is shown to the other side: it arrives beside the face, not in its place.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { meet, putAway, SELF, shows, tile } from './call.mjs';
import { channels, colorGap, colorOf } from './fakes.mjs';
import { closeAll, screenshots, startServer, until } from './harness.mjs';
import { press } from './people.mjs';

after(closeAll);

/** The colour of the window that is shown: of nobody in the call. */
const ORANGE = '#ff8000';

/** Chooses in the person's place: a browser with a fake camera has no real windows to show. All that follows is real. */
function chooseOrange(color) {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    const context = canvas.getContext('2d');
    setInterval(() => {
      context.fillStyle = color;
      context.fillRect(0, 0, 640, 360);
      context.fillStyle = '#000';
      context.fillRect(Math.random() * 600, 0, 20, 20);
    }, 200);
    return canvas.captureStream(5);
  };
}

/** The screen of somebody, by the part they have in the visit. */
const screen = (role) => `.tile[data-screen="${role}"] video`;

test('the doctor shows a window, stops, and shows it again', { timeout: 180_000 }, async () => {
  const server = await startServer();
  const { patient, doctor } = await meet(server);
  await doctor.page.evaluate(chooseOrange, ORANGE);

  for (const round of [1, 2]) {
    await press(doctor.page, '画面を見せる');
    await patient.page.getByText('医師） が画面を見せています').waitFor();
    await until('the window is seen', async () => {
      const found = await colorOf(patient.page, screen('clinician'));
      return found && colorGap(found, channels(ORANGE)) < 60;
    });
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
