/** The word `doctor`: each thing the lab needs, what is there, and how to mend it. It installs nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { backportsSuite } from './backports.mjs';
import { checkNode } from './index.mjs';
import {
  findProgram,
  installLine,
  isRoot,
  isThere,
  majorOf,
  packages,
  packagesOfArch,
  packagesToBuildKernels,
  readInstalled,
} from './needs.mjs';
import { missingNpmPackages } from './npm-packages.mjs';
import { cacheRoot, projectRoot } from './paths.mjs';
import { EXIT_TROUBLE } from './trouble.mjs';

const ROOM_MIB = 2048;
const OLD_QEMU = 'works, but cannot fork a guest: each schedule boots from cold';

/** Prints the table; 0 when nothing that is needed is missing, else 3. */
export function doctor(env) {
  const installed = readInstalled();
  const rows = [
    nodeRow(),
    npmRow(),
    aptRow(env),
    ...packages.base.map((item) => packageRow(item, env, installed)),
    ...packages.qemu.map((item) => packageRow(item, env, installed)),
    ...Object.keys(packages.arches).flatMap((arch) => archRows(arch, env, installed)),
    ...packagesToBuildKernels(Object.keys(packages.arches)).map((item) => kernelRow(item, env, installed)),
    formatterRow(env),
    roomRow(env),
  ];
  process.stdout.write(table(rows));
  const missing = rows.filter((row) => row.state === 'missing');
  const hints = [...new Set(missing.map((row) => row.package).filter(Boolean))];
  if (hints.length > 0) {
    const itself = isRoot() ? ' (as root, the command that needs it does so itself)' : '';
    process.stdout.write(`\nto install what is missing, type${itself}\n  ${installLine(hints)}\n`);
  }
  return missing.length > 0 ? EXIT_TROUBLE : 0;
}

function oldQemuWords() {
  const suite = backportsSuite();
  return suite ? `${OLD_QEMU}; root’s first run gets a newer one from ${suite}` : OLD_QEMU;
}

const row = (what, found, state, mend = '') => ({ what, found, state, mend });

function nodeRow() {
  const { node } = process.versions;
  try {
    checkNode(node);
    return row('Node.js 20.19', node, 'ok');
  } catch (error) {
    return row('Node.js 20.19', node, 'missing', error.hint);
  }
}

function npmRow() {
  const missing = missingNpmPackages(projectRoot);
  if (missing.length === 0) return row('npm packages', 'as locked', 'ok');
  return row(
    'npm packages',
    `${missing.length} missing or of another version`,
    'missing',
    'npm ci, as every other word does',
  );
}

function aptRow(env) {
  const found = findProgram('apt-get', env);
  if (found) return row('apt', versionOf('apt-get', env), 'ok');
  return row(
    'apt',
    'none',
    'missing',
    'the guests’ kernels come through apt: Debian 12 or 13 is what the lab runs on',
  );
}

function packageRow(item, env, installed, needed = true) {
  const there = isThere(item, { env, installed });
  const version = installed.get(item.package) ?? (there ? 'not from a package' : '-');
  if (there) return row(item.package, version, 'ok');
  return {
    ...row(
      item.package,
      '-',
      needed ? 'missing' : 'optional',
      needed ? '' : `apt-get install ${item.package}`,
    ),
    package: item.package,
  };
}

function archRows(arch, env, installed) {
  const needed = packages.defaultArches.includes(arch);
  return packagesOfArch(arch).map((item) => {
    const plain = packageRow(item, env, installed, needed);
    const base = { ...plain, what: `${arch}: ${item.program ?? item.package}` };
    if (!item.qemu || plain.state !== 'ok') return base;
    const version = versionOf(item.program, env);
    const old = majorOf(version) < packages.qemuVersion;
    return { ...base, found: version, state: old ? 'old' : 'ok', mend: old ? oldQemuWords() : '' };
  });
}

/** Kernels come packaged or built; only whoever builds needs these. */
function kernelRow(item, env, installed) {
  const plain = packageRow(item, env, installed, false);
  return { ...plain, what: `to build kernels: ${item.program ?? item.package}` };
}

function formatterRow(env) {
  const found = packages.lint.find((item) => findProgram(item.program, env));
  if (found) return row('clang-format (lint)', versionOf(found.program, env), 'ok');
  return row('clang-format (lint)', '-', 'optional', '`npm run lint` installs it');
}

function roomRow(env) {
  const root = cacheRoot(env);
  let dir = root;
  while (!existsSync(dir)) dir = path.dirname(dir);
  const { bavail, bsize } = statfsSync(dir);
  const mib = Math.floor((bavail * bsize) / 1024 / 1024);
  if (mib >= ROOM_MIB) return row('room for the cache', `${mib} MiB in ${root}`, 'ok');
  return row(
    'room for the cache',
    `${mib} MiB in ${root}`,
    'missing',
    `${ROOM_MIB} MiB are needed; npm run cache -- prune`,
  );
}

function versionOf(program, env) {
  const { stdout = '' } = spawnSync(program, ['--version'], { env, encoding: 'utf8', timeout: 10_000 });
  return /\d+(\.\d+)+\S*/.exec(stdout?.split('\n')[0] ?? '')?.[0] ?? 'unknown';
}

function table(rows) {
  const columns = ['what', 'found', 'state', 'mend'];
  const all = [{ what: 'needed', found: 'found', state: 'state', mend: 'how to mend' }, ...rows];
  const widths = columns.map((column) => Math.max(...all.map((line) => line[column].length)));
  const text = all.map((line) =>
    columns
      .map((column, i) => line[column].padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}
