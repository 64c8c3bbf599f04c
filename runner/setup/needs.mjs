/** What the words typed need from the host, and what of it is not there. Pure but for looking at files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const STATUS_FILE = '/var/lib/dpkg/status';

/** The only list of the packages the lab needs. */
export const packages = JSON.parse(readFileSync(new URL('packages.json', import.meta.url), 'utf8'));

/** What an arch needs; `notOn` names the host whose own compiler does. */
export const packagesOfArch = (arch) => packages.arches[arch].filter((item) => item.notOn !== process.arch);

/** Words that start no guest and compile nothing. */
const LIGHT_WORDS = new Set(['policy', 'cache', 'report', 'help', '--help', '-h', '--version', '-V']);
/** `kernels list` reads one file; its other verbs download and unpack. */
const isLight = ([word, verb]) =>
  word === undefined ||
  LIGHT_WORDS.has(word) ||
  (word === 'kernels' && (verb === undefined || verb === 'list'));

/** The Debian packages that a command needs. */
export function packagesFor(words) {
  if (words.some((word) => word === '--help' || word === '-h') || isLight(words)) return [];
  if (words[0] === 'lint') return [preferred(packages.lint)];
  // The hook module is asked in a guest, by a search.
  if (words[0] === 'fuzz' && !words.includes('hooks-abi'))
    return unique([...packages.base, ...packages.fuzz]);
  const arches = archesFor(words);
  const kernel = buildsKernels(words) ? packagesToBuildKernels(arches) : [];
  const bench = words[0] === 'bench' && ['warden', 'learn'].includes(words[1]) ? packages.benchWarden : [];
  const tests = words[0] === 'test' ? [...packages.browser, ...packages.learned] : [];
  const guests = [...packages.qemu, ...arches.flatMap(packagesOfArch)];
  return unique([...packages.base, ...guests, ...kernel, ...bench, ...tests]);
}

/** Kernels of the catalogue are built by other words too, but only where what that takes is there already. */
const buildsKernels = (words) =>
  (words[0] === 'kernels' && words[1] === 'build') ||
  words.some((word) => word === '--kernel-source' || word.startsWith('--kernel-source='));

/** What building a kernel needs beside what programs do. */
export const packagesToBuildKernels = (arches) => [
  ...packages.kernel,
  ...arches.flatMap((arch) => [
    ...(packages.kernelHeaders[arch] ?? []),
    ...(packages.kernelCompilers[arch] ?? []),
  ]),
];

/** `--arch a,b` says it all; without it the default arches, and whatever another word names (`arm64/debian-6.1`). */
export function archesFor(words) {
  const flag = words.flatMap((word, i) =>
    word === '--arch' ? [words[i + 1] ?? ''] : (word.match(/^--arch=(.*)/)?.[1] ?? []),
  );
  const named = new Set((flag.length > 0 ? flag : words).flatMap((word) => word.split(/[^A-Za-z0-9_]+/)));
  const byDefault = flag.length > 0 ? [] : packages.defaultArches;
  return Object.keys(packages.arches).filter((arch) => byDefault.includes(arch) || named.has(arch));
}

/** One of several that serve, best first: the one that is there, else the last, which every release packages. */
export const preferred = (items, env = process.env) =>
  items.find((item) => isThere(item, { env, installed: new Map() })) ?? items.at(-1);

const unique = (items) => [...new Map(items.map((item) => [item.program ?? item.package, item])).values()];

/** A program or file that is there serves, whoever put it there; a package that is installed serves as well. */
export function isThere(item, { env, installed }) {
  if (item.program && findProgram(item.program, env)) return true;
  if (item.file && existsSync(item.file)) return true;
  return installed.has(item.package);
}

export function findProgram(name, env) {
  for (const dir of (env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(dir, name);
    if (dir && existsSync(file)) return file;
  }
  return undefined;
}

/** Installed packages with their versions, from the text of dpkg's status file. */
export function parseStatus(text) {
  const installed = new Map();
  for (const stanza of text.split('\n\n')) {
    if (!/^Status: install ok installed$/m.test(stanza)) continue;
    const name = /^Package: (.+)$/m.exec(stanza)?.[1];
    const version = /^Version: (.+)$/m.exec(stanza)?.[1];
    if (name && version) installed.set(name, version);
  }
  return installed;
}

export function readInstalled(file = STATUS_FILE) {
  return existsSync(file) ? parseStatus(readFileSync(file, 'utf8')) : new Map();
}

/** The first number of a Debian version, without its epoch: `1:10.0.2+ds-2` → 10. */
export const majorOf = (version) => Number(/^(?:\d+:)?(\d+)/.exec(version)?.[1] ?? Number.NaN);

/** QEMU packages that dpkg installed and that are older than what the lab works best with. */
export function oldQemu(items, installed) {
  return items.filter((item) => {
    const version = item.qemu && installed.get(item.package);
    return version && majorOf(version) < packages.qemuVersion;
  });
}

export const isRoot = () => process.getuid?.() === 0;

const APT_LISTS = '/var/lib/apt/lists';

/** Whether apt was ever told what there is: images for containers come without. */
export const haveAptLists = (dir = APT_LISTS) =>
  existsSync(dir) && readdirSync(dir).some((name) => name.includes('_Packages'));

/** The one line to type to get packages: root may be on a machine without sudo, and apt without lists knows none. */
export function installLine(names, { root = isRoot(), lists = haveAptLists() } = {}) {
  const asRoot = root ? '' : 'sudo ';
  const install = `${asRoot}apt-get install -y --no-install-recommends ${names.join(' ')}`;
  return lists ? install : `${asRoot}apt-get update && ${install}`;
}
