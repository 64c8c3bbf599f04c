/** Installs Debian packages on the host, as root; nothing else of the lab ever does. */
import { spawnSync } from 'node:child_process';
import { noteTried } from './tried.mjs';
import { lastLines, SetupTrouble } from './trouble.mjs';

const LIMIT_MS = 1_200_000;
const OPTIONS = [
  // Another apt or dpkg may be at work: wait for it instead of failing.
  ...['-o', 'DPkg::Lock::Timeout=600'],
  ...['-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=30', '-o', 'Acquire::https::Timeout=30'],
  ...['-o', 'Dpkg::Use-Pty=0', '-q', '-y'],
];

/** Runs apt-get; the result says how it went. */
export function aptGet(args, env, extra = {}) {
  const result = spawnSync('apt-get', [...OPTIONS, ...args], {
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C', ...extra },
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const words =
    lastLines(`${result.stdout ?? ''}\n${result.stderr ?? ''}`) || String(result.error?.message ?? '');
  return { ok: result.status === 0, words, stdout: result.stdout ?? '' };
}

export function installDebian(names, env) {
  const known = knownAfterUpdate(names, env);
  if (known.length === 0) return;
  process.stderr.write(`setup: installing ${known.join(' ')}\n`);
  const words = ['install', '--no-install-recommends', '--', ...known];
  if (aptGet(words, env).ok) return;
  // Versions that the lists name may have left the mirror.
  aptGet(['update'], env);
  const second = aptGet(words, env);
  if (second.ok) return;
  throw new SetupTrouble(`apt-get install failed:\n${second.words}`, `apt-get install ${known.join(' ')}`);
}

/** The names that apt can install; its lists are fetched when they do not have them all. */
function knownAfterUpdate(names, env) {
  const before = knownNames(names, env);
  if (before.length === names.length) return before;
  process.stderr.write('setup: apt-get update\n');
  const update = aptGet(['update', '--error-on=any'], env);
  const known = knownNames(names, env);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return known;
  if (!update.ok && known.length === 0) {
    throw new SetupTrouble(`apt-get update failed:\n${update.words}`, 'is the network up?');
  }
  process.stderr.write(`setup: not packaged here, so left out: ${unknown.join(' ')}\n`);
  // A release that no longer has an arch's compiler only loses that arch: its targets are then unavailable. But only
  // lists that came whole can say so for the rest of the day.
  if (update.ok) for (const name of unknown) noteTried(name, env);
  return known;
}

/** Those of the names that apt could install now. */
function knownNames(names, env) {
  const result = spawnSync('apt-cache', ['policy', '--', ...names], {
    env: { ...env, LC_ALL: 'C' },
    encoding: 'utf8',
  });
  return parsePolicy(result.stdout ?? '').filter((name) => names.includes(name));
}

/** The packages that `apt-cache policy` has a candidate for. */
export function parsePolicy(text) {
  const known = [];
  let name = '';
  for (const line of text.split('\n')) {
    name = /^(\S+):$/.exec(line)?.[1] ?? name;
    const candidate = /^ {2}Candidate: (.+)$/.exec(line)?.[1];
    if (candidate && candidate !== '(none)') known.push(name);
  }
  return known;
}
