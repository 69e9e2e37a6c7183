// A screen that is shown to the other side: it arrives beside the face, not in its place.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { meet, putAway, SELF, shows, tile } from './call.mjs';
import { channels, colorGap, colorOf } from './fakes.mjs';
import { closeAll, screenshots, startServer, until } from './harness.mjs';
import { press } from './people.mjs';

after(closeAll);

/** The window that is shown: a picture of an examination, in a colour of nobody. */
const TITLE = '検査の画像';
const ORANGE = '#ff8000';
const PAGE = `<!doctype html><title>${TITLE}</title><style>html{background:${ORANGE}}</style><p>0</p>`;

/** The screen of somebody, by the part they have in the visit. */
const screen = (role) => `.tile[data-screen="${role}"] video`;

test('the doctor shows a window, stops, and shows it again', { timeout: 180_000 }, async () => {
  const server = await startServer();
  // The browser's own question, which of the windows, is answered by its title.
  const flags = [`--auto-select-tab-capture-source-by-title=${TITLE}`];
  const { patient, doctor } = await meet(server, { doctor: { flags } });
  const picture = await doctor.context.newPage();
  await picture.setContent(PAGE);
  await doctor.page.bringToFront();

  for (const round of [1, 2]) {
    await press(doctor.page, '画面を見せる');
    await patient.page.getByText('医師） が画面を見せています').waitFor();
    await until('the window is seen', async () => {
      // A window that does not change is hardly sent: it is given something to say.
      await picture.evaluate(() => { document.querySelector('p').textContent = String(Date.now()); });
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
