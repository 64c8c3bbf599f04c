import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readInstalled } from '../../setup/needs.mjs';
import { projectRoot } from '../../src/lib/project.ts';
import { loadCatalogue } from '../../src/provision/catalogue.ts';
import { resultsSchema } from '../../src/report/index.ts';

/** The real command with wrong words, wrong files and hosts that lack something. No guest is started. */

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-bad-input-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const BIN = path.join(projectRoot, 'bin/photofinish.mjs');

async function photofinish(words: readonly string[], env: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [BIN, ...words], {
    env: { XDG_CACHE_HOME: path.join(dir, 'cache'), ...env },
    cwd: dir,
    reject: false,
    timeout: 50_000,
  });
  return { exitCode, stdout, stderr };
}

/** Set-up may note in the cache what it looked for; entries are what was downloaded or built. */
async function nothingWasRun(): Promise<void> {
  expect(await readdir(dir)).not.toContain('out');
  expect(await readdir(path.join(dir, 'cache/photofinish')).catch(() => [])).not.toContain('entries');
}

const OUT = ['--out', 'out'];

describe('a scenario that is not as it should be', () => {
  /** A folder with a copy of one of ours, changed. */
  async function own(change: (yaml: string) => string): Promise<string[]> {
    const folder = path.join(dir, 'mine/own/scenario');
    await cp(path.join(projectRoot, 'scenarios/argv/thread-rewrite'), folder, { recursive: true });
    const file = path.join(folder, 'scenario.yaml');
    await writeFile(file, change(await readFile(file, 'utf8')));
    return ['matrix', '--scenarios', 'mine', '--scenario', 'own/scenario', ...OUT];
  }

  it.each<[string, (yaml: string) => string, RegExp]>([
    [
      'is no YAML',
      (yaml) => `claim: [open\n${yaml}`,
      /scenario\.yaml:\d+:\d+: Flow sequence .* end with a \]/,
    ],
    [
      'has a key that nobody knows',
      (yaml) => `limt: 3s\n${yaml}`,
      /scenario\.yaml:1:1: unknown key `limt`; did you mean `limit`\?/,
    ],
    [
      'has a value of the wrong type',
      (yaml) => yaml.replace(/^trials:.*$/m, 'trials: { control: many, guarded: 1, honest: 1 }'),
      /scenario\.yaml:\d+:20: trials\.control: .*expected number, received string/,
    ],
    [
      'has a policy with a constant that nobody knows',
      (yaml) => yaml.replace('argv[1] == "EVIL"', 'argv[1] == "EVIL" && flags & O_CRAET'),
      /scenario\.yaml:\d+:42: policy\.rules\.0\.when: .*`O_CRAET`; did you mean `O_CREAT`\?/,
    ],
    [
      'has a policy with a type error',
      (yaml) => yaml.replace('argv[1] == "EVIL"', 'argv[1] == 7'),
      /scenario\.yaml:\d+:24: policy\.rules\.0\.when: `argv\[1\]` is a string/,
    ],
    [
      'has a policy for a call that nobody knows',
      (yaml) => yaml.replace('syscall: exec', 'syscall: exce'),
      /scenario\.yaml:\d+:16: policy\.rules\.0\.syscall: .*`exce`; did you mean `exec`\?/,
    ],
    [
      'lacks a key',
      (yaml) => yaml.replace(/^attack:.*$/m, ''),
      /scenario\.yaml:\d+:\d+: `attack` is missing \(the name of a C file/,
    ],
  ])('one that %s ends with 2, file, line, column and what was expected', async (_, change, message) => {
    const { exitCode, stdout, stderr } = await photofinish(await own(change));
    expect([exitCode, stderr, stdout]).toEqual([2, expect.stringMatching(message), '']);
    await nothingWasRun();
  });
});

it.each<[string, RegExp]>([
  ['kernels: [', /catalogue\.yaml:1:\d+: /],
  ['kernels: { debian-6.1: { abuot: x } }', /catalogue\.yaml:1:\d+: .*unknown key `abuot`/],
])('a catalogue with %s is refused with its line', async (text, message) => {
  const file = path.join(dir, 'catalogue.yaml');
  await writeFile(file, text);
  await expect(loadCatalogue(file)).rejects.toMatchObject({
    exitStatus: 2,
    message: expect.stringMatching(message),
  });
});

it.each([
  ['matrix --arch amr', 'did you mean arm'],
  ['matrix --kernel debian6.1', 'did you mean debian-6.1'],
  ['matrix --scenario argv/thread-rewrit', 'did you mean argv/thread-rewrite?'],
  ['matrix --profile quik', 'did you mean quick?'],
  ['matrix --arhc arm', 'Did you mean --arch?'],
  ['kernels lst', 'Did you mean list?'],
  ['shell arm/debian-6.2', 'did you mean debian-6.1'],
])('%s ends with 2 and the nearest known name', async (words, hint) => {
  const out = words.startsWith('matrix') ? OUT : [];
  const { exitCode, stdout, stderr } = await photofinish([...words.split(' '), ...out]);
  expect([exitCode, stderr, stdout]).toEqual([2, expect.stringContaining(hint), '']);
  await nothingWasRun();
});

/** Nothing is in the cache, so that its cells are unavailable at once. */
const NOTHING_READY = ['matrix', '--ready', '--arch', 'arm', '--kernel', 'debian-6.1'];

it('with --json standard output holds one JSON document', async () => {
  const { exitCode, stdout, stderr } = await photofinish([...NOTHING_READY, '--json', ...OUT]);
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining('nothing was raced')]);
  const results = resultsSchema.parse(JSON.parse(stdout));
  expect(results.cells.length).toBeGreaterThan(0);
  expect(JSON.parse(await readFile(path.join(dir, 'out/results.json'), 'utf8'))).toEqual(results);
});

it('a folder that holds a run is left as it is', async () => {
  await photofinish([...NOTHING_READY, ...OUT]);
  const before = await readFile(path.join(dir, 'out/journal.ndjson'), 'utf8');
  const { exitCode, stderr } = await photofinish([...NOTHING_READY, ...OUT]);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/out holds a run already\n {2}.*--out/)]);
  expect(await readFile(path.join(dir, 'out/journal.ndjson'), 'utf8')).toBe(before);
});

it.each([
  ['a file is in the way', 'file/run', 'ENOTDIR'],
  ['the kernel makes no folders', '/proc/photofinish/run', 'ENOENT'],
])('where %s, the folder of a run is a wrong word', async (_, out, code) => {
  await writeFile(path.join(dir, 'file'), '');
  const { exitCode, stderr } = await photofinish([...NOTHING_READY, '--out', out]);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(`cannot be the folder of a run: ${code}`)]);
});

/** All programs of this host but QEMU. */
async function pathWithoutQemu(): Promise<string> {
  const bin = path.join(dir, 'bin');
  await mkdir(bin);
  for (const from of (process.env.PATH ?? '').split(path.delimiter)) {
    for (const name of await readdir(from).catch(() => [])) {
      if (name.startsWith('qemu-system-')) continue;
      await symlink(path.join(from, name), path.join(bin, name)).catch(() => undefined);
    }
  }
  return bin;
}

// Set-up believes dpkg; elsewhere it would install what is missing.
it.skipIf(!readInstalled().has('qemu-system-arm'))(
  'without its QEMU a run ends with 3 before it begins',
  async () => {
    const { exitCode, stderr } = await photofinish([...NOTHING_READY, ...OUT], {
      PATH: await pathWithoutQemu(),
    });
    expect([exitCode, stderr]).toEqual([
      3,
      'photofinish: qemu-system-arm cannot be started\n  `npm run doctor` says what this machine lacks',
    ]);
    expect(await readdir(path.join(dir, 'out'))).toEqual([]);
  },
);

/** Runs the command in a mount namespace of its own, after `mounts`, which is a line of shell. */
function withMounts(mounts: string, words: readonly string[], env: Record<string, string>, as = '') {
  const script = `set -e; ${mounts}; exec ${as} "$0" "$@"`;
  const args = ['-m', 'sh', '-c', script, process.execPath, BIN, ...words];
  return execa('unshare', args, { env, cwd: dir, reject: false, timeout: 50_000 });
}

const NOBODY = 'setpriv --reuid 65534 --regid 65534 --clear-groups';

describe.skipIf(process.getuid?.() !== 0)('in a mount namespace, which takes root', () => {
  it('a full disk ends with 3, its place and what to do, and nothing half done is left', async () => {
    const cache = path.join(dir, 'cache');
    await mkdir(cache);
    const fill = `mount -t tmpfs -o size=64k full ${cache}; dd if=/dev/zero of=${cache}/big 2>/dev/null || true`;
    const list = `status=0; "$0" "$@" || status=$?; find ${cache} -name '.tmp-*'; exit $status`;
    const { exitCode, stdout, stderr } = await withMounts(
      `${fill}; ${list}`,
      ['matrix', '--arch', 'arm', '--kernel', 'debian-6.1', ...OUT],
      { XDG_CACHE_HOME: cache },
    );
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringMatching(
        /^photofinish: the disk that holds \S*cache\/photofinish is full\n {2}.*prune.*$/,
      ),
    ]);
    expect(stdout).not.toContain('.tmp-');
  });

  it('a cache that may not be written ends with 3 and its place', async () => {
    await chmod(dir, 0o755);
    const words = ['matrix', '--arch', 'arm', ...OUT];
    const env = { XDG_CACHE_HOME: path.join(dir, 'cache') };
    const { exitCode, stderr } = await withMounts(
      `: > ${dir}/status; mount --bind ${dir}/status /var/lib/dpkg/status`,
      words,
      { ...env, PATH: await pathWithoutQemu() },
      NOBODY,
    );
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringMatching(/^photofinish: the cache \S+ cannot be written: EACCES.*\n {2}XDG_CACHE_HOME/),
    ]);
  });

  it('whoever may not install what is missing is told the line to type', async () => {
    const bin = await pathWithoutQemu();
    await writeFile(path.join(dir, 'status'), '');
    await chmod(dir, 0o777);
    const { exitCode, stderr } = await withMounts(
      `mount --bind ${dir}/status /var/lib/dpkg/status`,
      [...NOTHING_READY, ...OUT],
      { XDG_CACHE_HOME: path.join(dir, 'cache'), PATH: bin },
      NOBODY,
    );
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringMatching(
        /^photofinish: missing here: .*qemu-system-arm.*\n {2}sudo apt-get .*install .*$/,
      ),
    ]);
  });
});
