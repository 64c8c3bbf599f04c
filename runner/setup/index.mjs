/** Set-up: looks at what the words typed need, and gets what is missing. Looking alone takes some ten milliseconds. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { backportsDue } from './backports.mjs';
import { findProgram, installLine, isRoot, isThere, oldQemu, packagesFor, readInstalled } from './needs.mjs';
import { missingNpmPackages } from './npm-packages.mjs';
import { projectRoot, stateFolder } from './paths.mjs';
import { triedToday } from './tried.mjs';
import { EXIT_TROUBLE, SetupTrouble } from './trouble.mjs';

const OLDEST_NODE = [20, 19];
/** Another set-up may be downloading everything. */
const LOCK_SECONDS = 1800;
const LOCK_TIMED_OUT = 75;

/** Throws SetupTrouble when something is missing and cannot be got. */
export function setUp(words, env) {
  checkNode(process.versions.node);
  const { npm, debian, qemu } = missingFor(words, env);
  if (npm.length === 0 && debian.length === 0 && qemu.length === 0) return;
  if (debian.length > 0) checkInstallable(debian, env);
  installUnderLock(words, env);
}

/** What a command lacks: npm packages, Debian packages, and QEMU packages that should be newer. */
export function missingFor(words, env) {
  const items = packagesFor(words);
  const installed = items.length > 0 ? readInstalled() : new Map();
  return {
    npm: missingNpmPackages(projectRoot),
    debian: items.filter((item) => !isThere(item, { env, installed }) && !triedToday(item.package, env)),
    qemu: isRoot() && backportsDue(env) ? oldQemu(items, installed) : [],
  };
}

export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetupTrouble(
    `Node.js ${OLDEST_NODE.join('.')} or newer is needed; this is ${version}`,
    'see https://nodejs.org, or your distribution’s packages',
  );
}

function checkInstallable(debian, env) {
  const names = [...new Set(debian.map((item) => item.package))];
  if (!findProgram('apt-get', env)) {
    throw new SetupTrouble(
      `missing here: ${names.join(', ')}; they are Debian’s names, and there is no apt-get to install them with`,
      'the lab runs on Debian 12 or 13; elsewhere install them by hand, with apt for the guests’ kernels',
    );
  }
  if (isRoot()) return;
  throw new SetupTrouble(`missing here: ${names.join(', ')}; to install them, type`, installLine(names));
}

/** Two set-ups at once would fight over node_modules and apt's lists: the second waits, and then finds nothing to do. */
function installUnderLock(words, env) {
  const lock = path.join(stateFolder(env, 'setup'), 'lock');
  const script = fileURLToPath(new URL('install.mjs', import.meta.url));
  const flock = [
    '-w',
    String(LOCK_SECONDS),
    '-E',
    String(LOCK_TIMED_OUT),
    lock,
    process.execPath,
    script,
    ...words,
  ];
  const result = spawnSync('flock', flock, { env, stdio: ['ignore', 2, 2] });
  if (result.status === 0) return;
  if (result.status === LOCK_TIMED_OUT) {
    throw new SetupTrouble(
      `another set-up holds ${lock} for more than ${LOCK_SECONDS / 60} minutes`,
      'is it stuck?',
    );
  }
  process.exit(result.signal ? 130 : (result.status ?? EXIT_TROUBLE));
}
