/**
 * The newer QEMU for a Debian release whose own is older than the lab works best with: from its backports suite,
 * through a private apt configuration, so that the host's own sources stay as they are.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { aptGet } from './apt-install.mjs';
import {
  aptConf,
  indexTargetsArgs,
  parseIndexTargets,
  privateAptArgs,
  sourceLine,
  sourceOfSuite,
} from './apt-sources.mjs';
import { packages } from './needs.mjs';
import { stateFolder } from './paths.mjs';
import { noteTried, triedToday } from './tried.mjs';

/** Of the host's release, or undefined when its own QEMU is new enough or it is not known. */
export function backportsSuite(osRelease = readOsRelease()) {
  const name = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(osRelease)?.[1];
  return name && packages.backports[name];
}

function readOsRelease() {
  return existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
}

/** Whether to try: where a suite is known, and not more than once a day when it could not be had. */
export function backportsDue(env) {
  if (!backportsSuite()) return false;
  return !triedToday('backports', env);
}

/** Says so and leaves it at that when it cannot be had: the release's own QEMU serves, with less. */
export function installNewQemu(names, env) {
  const suite = backportsSuite();
  if (!suite) return;
  const all = [...new Set([...names, 'qemu-utils', 'seabios'])];
  process.stderr.write(`setup: installing ${all.join(' ')} from ${suite}\n`);
  const failure = tryInstall(suite, all, env);
  if (!failure) return;
  noteTried('backports', env);
  process.stderr.write(
    `setup: QEMU ${packages.qemuVersion} could not be had from ${suite}; the release's own will do:\n${failure}\n`,
  );
}

function tryInstall(suite, names, env) {
  const dir = stateFolder(env, 'apt-host');
  try {
    return installFrom(dir, suite, names, env);
  } finally {
    // The lists alone are 50 MB, and are old tomorrow.
    rmSync(dir, { recursive: true, force: true });
  }
}

/** undefined, or what apt said. */
function installFrom(dir, suite, names, env) {
  const sources = hostSources(env);
  const backports = sourceOfSuite(sources, suite);
  if (!backports) return 'the host has no Debian source';
  for (const folder of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(path.join(dir, folder), { recursive: true });
  const lines = [...sources.filter((source) => source.suite !== suite), backports];
  writeFileSync(
    path.join(dir, 'sources.list'),
    lines.map((source) => sourceLine(source, existsSync)).join(''),
  );
  const dump = spawnSync('apt-config', ['dump'], { env, encoding: 'utf8' }).stdout ?? '';
  writeFileSync(path.join(dir, 'apt.conf'), aptConf(dump));
  const own = privateAptArgs(dir);
  const update = aptGet(['update', ...own], env, { APT_CONFIG: path.join(dir, 'apt.conf') });
  if (!update.ok) return update.words;
  // The host's own settings on how packages are installed stay in force here; only where they come from is private.
  const install = aptGet(['install', '--no-install-recommends', '-t', suite, ...own, '--', ...names], env);
  return install.ok ? undefined : install.words;
}

function hostSources(env) {
  const read = () =>
    parseIndexTargets(spawnSync('apt-get', [...indexTargetsArgs], { env, encoding: 'utf8' }).stdout ?? '');
  const known = read();
  if (known.length > 0) return known;
  aptGet(['update'], env);
  return read();
}
