// What tests of the register share: the bureaus' lists, and the program on the command line.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The lists as the bureaus publish them. They are not part of this repository. */
const lists = resolve(process.env.ONSHIN_SHARED ?? resolve(root, '../shared'), 'data/bureau');

export const TOTTORI = resolve(lists, 'other-bureaus/31_鳥取_届出受理医療機関名簿.xlsx');
export const SAITAMA = resolve(lists, 'kanto-shinetsu/11届出受理医療機関名簿（医科）埼玉r0710.xlsx');

/** Why a test without these lists is skipped; false where they are there. */
export const missing = (...paths) =>
  paths.every((path) => existsSync(path)) ? false : `no lists at ${lists}; set ONSHIN_SHARED to try them`;

/** Runs the program in a folder, on the database there and without the settings around the tests. */
export const onshin = (folder, args, env = {}) =>
  execFileSync(resolve(root, process.env.ONSHIN_BIN ?? 'target/debug/onshin'), args, {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ONSHIN_DATABASE: `sqlite:${resolve(folder, 'onshin.db')}`, ...env },
  });
