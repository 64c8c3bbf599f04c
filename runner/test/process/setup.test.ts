import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import config from '../../../vitest.config.ts';
import { parsePolicy } from '../../setup/apt-install.mjs';
import { aptConf, parseIndexTargets, sourceLine, sourceOfSuite } from '../../setup/apt-sources.mjs';
import { parse as parseFuzz } from '../../setup/fuzz.mjs';
import { checkNode } from '../../setup/index.mjs';
import {
  haveAptLists,
  installLine,
  isThere,
  majorOf,
  oldQemu,
  packagesFor,
  parseStatus,
  preferred,
} from '../../setup/needs.mjs';
import { npmTrouble } from '../../setup/npm-install.mjs';
import { missingNpmPackages } from '../../setup/npm-packages.mjs';
import { countTap } from '../../setup/tap.mjs';
import { KINDS } from '../../setup/test.mjs';
import { machines } from '../../src/lib/machines/index.ts';
import { projectRoot } from '../../src/lib/project.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-setup-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const names = (words: string[]): string[] => packagesFor(words).map((item) => item.package);

it('only what dpkg says is installed counts', () => {
  const status = [
    'Package: make\nStatus: install ok installed\nVersion: 4.3-4.1',
    'Package: gone\nStatus: deinstall ok config-files\nVersion: 1',
    'Package: half\nStatus: install ok half-configured\nVersion: 1',
  ].join('\n\n');
  expect([...parseStatus(status)]).toEqual([['make', '4.3-4.1']]);
});

it('a package is there when dpkg has it, or when its program is on the path', async () => {
  const item = { package: 'made-up', program: 'made-up-program' };
  const nowhere = { env: { PATH: dir }, installed: new Map<string, string>() };
  expect(isThere(item, nowhere)).toBe(false);
  expect(isThere(item, { ...nowhere, installed: new Map([['made-up', '1']]) })).toBe(true);
  await writeFile(path.join(dir, 'made-up-program'), '');
  expect(isThere(item, nowhere)).toBe(true);
});

it('a matrix needs the default arches, and another one when it is named', () => {
  expect(names(['matrix'])).toContain('gcc-mipsel-linux-gnu');
  expect(names(['matrix'])).not.toContain('gcc-aarch64-linux-gnu');
  expect(names(['matrix', '--arch=x86_64,arm64'])).toContain('libc6-dev-arm64-cross');
  expect(names(['shell', 'arm64/debian-6.1'])).toContain('gcc-aarch64-linux-gnu');
  expect(names(['matrix', '--arch', 'x86_64'])).not.toContain('gcc-mipsel-linux-gnu');
  expect(names(['matrix'])).not.toContain('clang-format-14');
  expect(names(['bench', 'warden'])).toContain('strace');
  expect(names(['bench', 'fork'])).not.toContain('strace');
  expect(names(['fuzz'])).toContain('clang');
  expect(names(['fuzz', 'hooks-abi'])).not.toContain('clang');
});

it('words that start no guest need nothing of Debian', () => {
  for (const words of [[], ['--help'], ['cache', 'list'], ['kernels', 'list'], ['matrix', '--help']]) {
    expect(names(words)).toEqual([]);
  }
  expect(names(['lint'])).toHaveLength(1);
});

it('of several programs that serve, the best that is there is used, else what every release packages', async () => {
  const items = [
    { package: 'tool-14', program: 'made-up-tool-14' },
    { package: 'tool', program: 'made-up-tool' },
  ];
  expect(preferred(items, { PATH: dir })?.package).toBe('tool');
  await writeFile(path.join(dir, 'made-up-tool'), '');
  await writeFile(path.join(dir, 'made-up-tool-14'), '');
  expect(preferred(items, { PATH: dir })?.package).toBe('tool-14');
});

it('every machine has its QEMU in the one list of packages', () => {
  for (const machine of Object.values(machines)) {
    const programs = packagesFor(['matrix', machine.arch]).map((item) => item.program);
    expect(programs).toContain(machine.qemu.binary);
  }
});

it('an old QEMU is one that dpkg installed before 10', () => {
  const items = packagesFor(['matrix']);
  const installed = new Map([
    ['qemu-system-arm', '1:7.2+dfsg-7'],
    ['qemu-system-mips', '1:10.0.2+ds-2'],
  ]);
  expect(oldQemu(items, installed).map((item) => item.package)).toEqual(['qemu-system-arm']);
  expect(majorOf('10.0.2')).toBe(10);
});

it('npm packages are missing when absent or of another version, whatever the times say', async () => {
  const locked = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/@s/b': { version: '2.0.0' },
  };
  const optional = { 'node_modules/other-platform': { version: '1.0.0', optional: true } };
  await writeFile(
    path.join(dir, 'package-lock.json'),
    JSON.stringify({ packages: { ...locked, ...optional } }),
  );
  expect(missingNpmPackages(dir)).toEqual(['a', '@s/b']);
  await mkdir(path.join(dir, 'node_modules/@s/b'), { recursive: true });
  await mkdir(path.join(dir, 'node_modules/a'), { recursive: true });
  await writeFile(path.join(dir, 'node_modules/a/package.json'), '{"version":"1.0.0"}');
  await writeFile(path.join(dir, 'node_modules/@s/b/package.json'), '{"version":"1.9.0"}');
  expect(missingNpmPackages(dir)).toEqual(['@s/b']);
  await writeFile(path.join(dir, 'node_modules/@s/b/package.json'), '{"version":"2.0');
  expect(missingNpmPackages(dir)).toEqual(['@s/b']);
});

it('the lock names what every platform would install, or npm ci refuses it as out of step', async () => {
  const lock = JSON.parse(await readFile(path.join(projectRoot, 'package-lock.json'), 'utf8'));
  const entries: Record<string, { optionalDependencies?: Record<string, string> }> = lock.packages;
  const optional = Object.entries(entries).flatMap(([place, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).map((name) => ({ place, name })),
  );
  expect(optional.length).toBeGreaterThan(0);
  const absent = optional.filter(
    ({ place, name }) => !entries[`node_modules/${name}`] && !entries[`${place}/node_modules/${name}`],
  );
  expect(absent.map(({ name }) => name)).toEqual([]);
});

it('what npm says first is shown, not how npm is used', () => {
  const usage = Array.from({ length: 40 }, (_, i) => `npm error   --option-${i}`);
  const outOfStep = ['npm error code EUSAGE', 'npm error', 'npm error Missing: x from lock file', ...usage];
  const shown = npmTrouble(outOfStep.join('\n'));
  expect(shown.words).toContain('Missing: x from lock file');
  expect(shown.hint).not.toMatch(/reachable/);
  expect(npmTrouble('npm error code ENOTFOUND\n').hint).toMatch(/reachable/);
});

it('an old Node.js is refused with the version that is needed', () => {
  expect(() => checkNode('20.18.3')).toThrow(/20\.19 or newer is needed; this is 20\.18\.3/);
  expect(() => checkNode('18.20.0')).toThrow();
  checkNode('20.19.0');
  checkNode('22.0.0');
});

it('the host’s sources lead to any suite of the same archive', () => {
  const sources = parseIndexTargets(
    [
      'Packages|Debian|bookworm|http://mirror.example/debian/|$(SIGNED_BY)',
      'Packages|Debian|bookworm-security|http://mirror.example/sec/|/k.gpg',
      'Packages|Other|nodistro|http://other.example/|',
      'DEP-11|Debian|bookworm|http://wrong.example/|',
    ].join('\n'),
  );
  expect(sources).toHaveLength(2);
  const trixie = sourceOfSuite(sources, 'trixie');
  const security = sourceOfSuite(sources, 'trixie-security');
  expect(trixie).toEqual({ suite: 'trixie', uri: 'http://mirror.example/debian/', keyring: '' });
  expect(security?.uri).toBe('http://mirror.example/sec/');
  expect(security && sourceLine(security, () => false)).toBe(
    'deb [signed-by=/k.gpg] http://mirror.example/sec/ trixie-security main\n',
  );
  expect(sourceOfSuite([], 'trixie')).toBeUndefined();
});

it('a private apt.conf keeps the proxies and nothing that acts on the host', () => {
  const conf = aptConf(
    'Acquire::http::Proxy "http://p:1";\nAcquire::Check-Valid-Until "false";\nAPT::Update::Post-Invoke:: "rm -rf /";\n',
  );
  expect(conf).toContain('Acquire::Check-Valid-Until "false";');
  expect(conf).toContain('Acquire::http::Proxy "http://p:1";');
  expect(conf).not.toContain('Post-Invoke');
});

it('a package without a candidate is not known to apt', () => {
  const policy =
    'make:\n  Installed: 4\n  Candidate: 4\n  Version table:\n     4 500\nnone:\n  Candidate: (none)\n';
  expect(parsePolicy(policy)).toEqual(['make']);
});

it('a native test that crashes or says nothing is a failure', () => {
  const text = [
    ...['# lib/test/a_test', '1..2', 'ok 1 - x', 'not ok 2 - y', '# {"path":"/x/test/y"}'],
    ...['# lib/test/b_test', '1..3', 'ok 1 - x', 'ok 2 - z # SKIP not here'],
    '# lib/test/c_test',
  ].join('\n');
  const { failures, ...counts } = countTap(text);
  expect(counts).toEqual({ passed: 2, failed: 3, skipped: 1 });
  expect(failures).toEqual([
    'lib/test/a_test: 2 - y',
    'lib/test/b_test: ended after 2 of 3 tests',
    'lib/test/c_test: ended after 0 of an unknown number of tests',
  ]);
});

/** The project's set-up on a host that has only what a fixture puts on the path. */
async function onBareHost(tools: Record<string, string>, words: string[], uid?: number) {
  const root = path.join(dir, 'project');
  for (const name of ['bin', 'runner/setup', 'package.json', 'package-lock.json']) {
    await cp(path.join(projectRoot, name), path.join(root, name), { recursive: true });
  }
  await symlink(path.join(projectRoot, 'node_modules'), path.join(root, 'node_modules'));
  const list = path.join(root, 'runner/setup/packages.json');
  const packages = JSON.parse(await readFile(list, 'utf8'));
  packages.base.push({ package: 'made-up-package', program: 'made-up-program' });
  await writeFile(list, JSON.stringify(packages));
  const bin = path.join(dir, 'path');
  await mkdir(bin);
  for (const [name, script] of Object.entries(tools)) {
    await writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
  await chmod(dir, 0o777);
  const env = { PATH: bin, HOME: dir, XDG_CACHE_HOME: dir };
  const options = {
    env,
    encoding: 'utf8' as const,
    cwd: dir,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  };
  return spawnSync(process.execPath, [path.join(root, 'bin/photofinish.mjs'), ...words], options);
}

it('somebody who is not root gets one line to type', async () => {
  const asOther = process.getuid?.() === 0 ? 65534 : undefined;
  const result = await onBareHost({ 'apt-get': 'exit 99' }, ['matrix'], asOther);
  expect(result.status).toBe(3);
  expect(result.stdout).toBe('');
  const sudo = result.stderr.split('\n').filter((line) => line.includes('sudo '));
  expect(sudo).toHaveLength(1);
  expect(sudo[0]).toMatch(
    /^ {2}(sudo apt-get update && )?sudo apt-get install -y --no-install-recommends (\S+ )*made-up-package/,
  );
});

it('the line to type fits who types it, and an apt that has no lists yet', async () => {
  const plain = 'apt-get install -y --no-install-recommends a b';
  expect(installLine(['a', 'b'], { root: true, lists: true })).toBe(plain);
  expect(installLine(['a', 'b'], { root: false, lists: true })).toBe(`sudo ${plain}`);
  expect(installLine(['a', 'b'], { root: false, lists: false })).toBe(`sudo apt-get update && sudo ${plain}`);
  expect(haveAptLists(path.join(dir, 'absent'))).toBe(false);
  await writeFile(path.join(dir, 'lock'), '');
  expect(haveAptLists(dir)).toBe(false);
  await writeFile(path.join(dir, 'mirror.example_debian_dists_x_main_binary-amd64_Packages.lz4'), '');
  expect(haveAptLists(dir)).toBe(true);
});

it('a host without apt is told so, in one clear line and status 3', async () => {
  const result = await onBareHost({}, ['matrix']);
  expect(result.status).toBe(3);
  expect(result.stderr).toMatch(/there is no apt-get to install them with/);
});

it('doctor works on a bare host, installs nothing and says what is missing', async () => {
  const result = await onBareHost({}, ['doctor']);
  expect(result.status).toBe(3);
  expect(result.stdout).toMatch(/^apt +none +missing/m);
  expect(result.stdout).toMatch(/^made-up-package +- +missing/m);
});

it('looking alone takes less than a second', () => {
  const script = "const { missingFor } = await import(process.argv[1]); missingFor(['matrix'], process.env)";
  const module = path.join(projectRoot, 'runner/setup/index.mjs');
  const started = performance.now();
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', script, module], {
    encoding: 'utf8',
  });
  expect(result.stderr).toBe('');
  expect(performance.now() - started).toBeLessThan(1000);
});

it.each([
  [
    ['--for', '10m', '--keep'],
    { seconds: 600, keep: true, names: ['policy-image', 'deep-decode', 'profile-file'] },
  ],
  [['deep-decode', 'deep-decode'], { seconds: 60, keep: false, names: ['deep-decode'] }],
  [
    ['hooks-abi', '--on', 'arm/debian-6.1', '--seed', '7'],
    { on: 'arm/debian-6.1', seed: '7', names: ['hooks-abi'] },
  ],
  [['--for', '10x'], { trouble: expect.stringMatching(/--for 10x: a whole number and a unit/) }],
  [['--for', '0s'], { trouble: expect.stringMatching(/--for 0s/) }],
  [['polcy'], { trouble: expect.stringMatching(/nothing named `polcy`/) }],
  [['hooks-abi', 'deep-decode'], { trouble: expect.stringMatching(/hooks-abi is fuzzed by itself/) }],
  [['hooks-abi', '--seed', '../7'], { trouble: expect.stringMatching(/--seed \.\.\/7/) }],
  [['--fro', '1m'], { trouble: expect.stringMatching(/--fro/) }],
])('fuzz %j', (words, asked) => {
  expect(parseFuzz(words)).toMatchObject(asked);
});

it('runs every kind of tests but those that take an hour', () => {
  const kinds = z
    .array(z.object({ test: z.object({ name: z.string() }) }))
    .parse(config.test?.projects)
    .map(({ test }) => test.name);
  expect(kinds.filter((name) => !KINDS.includes(`--project=${name}`))).toEqual(['kernels', 'mutants']);
  expect(KINDS).toHaveLength(kinds.length - 2);
});
