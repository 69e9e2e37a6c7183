// Two telephones and a server in networks of their own (Linux, root): what happens to one of them
// happens as on the road, and nothing of it leaves the machine.
//
//   srv   the server and the test itself, at 10.77.0.1; passes packets between the others
//   pat   reaches it over `wlan` and, when that is gone, over `lte`
//   doc   reaches it over `cable`

import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the server is in all of them. */
export const SERVER = '10.77.0.1';

const run = (command) => execFileSync('ip', command.split(' '), { stdio: ['ignore', 'ignore', 'pipe'] });

/** Wires between `srv` and the others: name, whose, number of the network. */
const WIRES = [['wlan', 'pat', 1], ['lte', 'pat', 2], ['cable', 'doc', 3]];

/** Makes the networks; gives `{ of(name), exec(name, ...command), remove() }`, `of` being the real name. */
export function makeNets() {
  const tag = `onshin${process.pid}`;
  const of = (name) => `${tag}-${name}`;
  const exec = (name, ...command) => execFileSync('ip', ['netns', 'exec', of(name), ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  const remove = () => {
    for (const name of ['pat', 'doc', 'srv']) {
      try {
        run(`netns del ${of(name)}`);
      } catch {
        // It was not made.
      }
    }
  };
  try {
    for (const name of ['srv', 'pat', 'doc']) {
      run(`netns add ${of(name)}`);
      run(`-n ${of(name)} link set lo up`);
    }
    run(`-n ${of('srv')} addr add ${SERVER}/32 dev lo`);
    exec('srv', 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    for (const [wire, whose, net] of WIRES) {
      run(`-n ${of('srv')} link add ${wire} type veth peer name ${wire} netns ${of(whose)}`);
      run(`-n ${of('srv')} addr add 10.77.${net}.1/24 dev ${wire}`);
      run(`-n ${of('srv')} link set ${wire} up`);
      run(`-n ${of(whose)} addr add 10.77.${net}.2/24 dev ${wire}`);
      run(`-n ${of(whose)} link set ${wire} up`);
      run(`-n ${of(whose)} route add default via 10.77.${net}.1 metric ${net * 100}`);
    }
  } catch (error) {
    remove();
    throw error;
  }
  return { of, exec, remove };
}

/** A program that starts the browser within a network; gives its path and what takes it away. */
export async function browserWithin(net) {
  const folder = await mkdtemp(join(tmpdir(), 'onshin-nets-'));
  const path = join(folder, 'browser');
  const browser = process.env.CHROMIUM ?? '/usr/bin/chromium';
  await writeFile(path, `#!/bin/sh\nexec ip netns exec ${net} ${browser} "$@"\n`);
  await chmod(path, 0o755);
  return { path, remove: () => rm(folder, { recursive: true }) };
}

/**
 * The source of a program that hands connections to `127.0.0.1:PORT` on to the server, each over a
 * connection of its own: a page is a secure one only there, and a dead way is as dead for it as in
 * life. Its arguments are the port and where to.
 */
export const PROXY = `
const { connect, createServer } = require('node:net');
const [port, from, to] = process.argv.slice(1);
createServer((near) => {
  const far = connect(Number(port), to);
  for (const [one, other] of [[near, far], [far, near]]) {
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}).listen(Number(port), from, () => console.log('ready'));
`;
