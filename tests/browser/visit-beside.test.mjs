// A nurse beside the patient: the button for an emergency tells her 119 and the clinic from the
// beginning, and where the ambulance is to go once the patient let her in.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { assertAccessible } from './accessible.mjs';
import { admitThird, invite, meet } from './call.mjs';
import { closeAll, screenshotsInBoth, startServer } from './harness.mjs';
import { press } from './people.mjs';

after(closeAll);

const ADDRESS = '東京都新宿区架空町9-8-7';

/** Presses the button and reads what it says; where the address is awaited, once it is there. */
async function inAnEmergency(page, name, { address }) {
  await press(page, '緊急のとき');
  await page.getByRole('link', { name: '119番に電話する' }).waitFor();
  if (address) await page.getByText(ADDRESS).waitFor();
  assert.equal(await page.getByText(ADDRESS).count(), address ? 1 : 0);
  const panel = page.getByRole('region', { name: '緊急のとき' });
  assert.equal(await panel.getByText('この医療機関').count(), 1, 'the clinic’s telephone');
  // Whom to call for the patient is between the patient and the clinic.
  assert.equal(await page.getByText('星野 夜空').count(), 0);
  await assertAccessible(page, name);
  await screenshotsInBoth(page, name);
  await press(page, 'とじる');
}

test('who is beside the patient can send an ambulance', { timeout: 240_000 }, async () => {
  const server = await startServer();
  const { patient, doctor } = await meet(server);
  const nurse = await invite(doctor.page, { name: '看護 結', role: '看護師', camera: true });
  await nurse.page.getByRole('heading', { level: 1, name: '待合室' }).waitFor();
  await inAnEmergency(nurse.page, 'beside-waiting', { address: false });
  await admitThird(patient.page, doctor.page);
  await nurse.page.getByRole('heading', { level: 1, name: '診察', exact: true }).waitFor();
  await inAnEmergency(nurse.page, 'beside-in-the-call', { address: true });

  await Promise.all([patient, doctor, nurse].map((profile) => profile.close()));
  assert.doesNotMatch(server.log(), /看護 結|音無 花|架空町/, 'personal data in the log');
  await server.stop();
});
