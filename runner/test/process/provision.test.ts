import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kernelIdSchema } from '../../src/lib/ids.ts';
import { machines } from '../../src/lib/machines/index.ts';
import type { DebPackage } from '../../src/provision/apt.ts';
import type { Context } from '../../src/provision/context.ts';
import { checkElf } from '../../src/provision/elf.ts';
import { provisionTarget } from '../../src/provision/index.ts';
import { imageTree, initramfs } from '../../src/provision/initramfs.ts';
import { fetchPackage } from '../../src/provision/packages.ts';
import { resolveKernel } from '../../src/provision/resolve-kernel.ts';
import { contextAt } from './context.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pf-provision-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const GOOD = 'the package';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const deb: DebPackage = {
  ...{ name: 'p', version: '1', suite: 'sid', bytes: GOOD.length, sha256: sha256(GOOD) },
  uri: 'http://mirror.example/pool/p_1.deb',
};

const contextWith = (texts: string[], more: Partial<Context> = {}) => contextAt(root, texts, more);

it('a package is downloaded once and then comes from the cache', async () => {
  const { context, asked } = contextWith([GOOD]);
  const file = await fetchPackage(context, deb);
  expect(await readFile(file, 'utf8')).toBe(GOOD);
  expect(await fetchPackage(context, deb)).toBe(file);
  expect(asked).toEqual([deb.uri]);
});

it('a damaged download is tried once more', async () => {
  const { context, asked } = contextWith(['damaged', GOOD]);
  expect(await readFile(await fetchPackage(context, deb), 'utf8')).toBe(GOOD);
  expect(asked).toHaveLength(2);
});

it('damaged twice is an error that names the file and both hashes, and nothing is kept', async () => {
  const { context, asked } = contextWith(['damaged', 'damaged too']);
  const error = await fetchPackage(context, deb).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'package-damaged', exitStatus: 3 });
  for (const word of ['p_1.deb', sha256('damaged too'), deb.sha256]) expect(String(error)).toContain(word);
  expect(asked).toHaveLength(2);
  expect(await readdir(path.join(root, 'entries/packages'))).toEqual([]);
});

it('a package that was changed in the cache is noticed and downloaded again', async () => {
  const { context, asked } = contextWith([GOOD, GOOD]);
  await writeFile(await fetchPackage(context, deb), 'changed');
  expect(await readFile(await fetchPackage(context, deb), 'utf8')).toBe(GOOD);
  expect(asked).toHaveLength(2);
});

it('with --ready nothing is downloaded', async () => {
  const { context, asked } = contextWith([GOOD], { ready: true });
  await expect(fetchPackage(context, deb)).rejects.toMatchObject({ code: 'target-unavailable' });
  expect(asked).toEqual([]);
});

const options = () => ({
  ...{ scenarios: [], ready: true, signal: new AbortController().signal, onProgress: () => undefined },
  ...{ env: process.env, cacheRoot: root },
});
const kernel = kernelIdSchema.parse('debian-6.1');

it('a target that is not in the cache is unavailable with --ready, and says what to do', async () => {
  const result = await provisionTarget({ arch: 'arm', kernel }, options());
  expect(result).toMatchObject({
    ok: false,
    reason: expect.stringContaining('arm/debian-6.1'),
    hint: expect.stringContaining('--ready'),
  });
});

it('a target that nobody packages is unavailable', async () => {
  const packaged = await provisionTarget(
    { arch: 'mipsel', kernel: kernelIdSchema.parse('debian-6.12') },
    options(),
  );
  expect(packaged).toMatchObject({ ok: false, reason: 'debian-6.12 is not packaged for mipsel' });
  const machine = await provisionTarget({ arch: 'mips', kernel }, options());
  expect(machine).toMatchObject({ ok: false, reason: 'debian-6.1 is not packaged for mips' });
});

it('a kernel that is not in the catalogue is a mistake of the words', async () => {
  const unknown = provisionTarget({ arch: 'arm', kernel: kernelIdSchema.parse('2.6') }, options());
  await expect(unknown).rejects.toMatchObject({ code: 'unknown-kernel', exitStatus: 2 });
});

/** A path with an apt-get that fails as it does without a network, and the rest of the host behind it. */
async function offline(): Promise<Record<string, string>> {
  const bin = path.join(root, 'bin');
  await mkdir(bin, { recursive: true });
  const script = '#!/bin/sh\necho "E: Temporary failure resolving the mirror" >&2\nexit 100\n';
  await writeFile(path.join(bin, 'apt-get'), script, { mode: 0o755 });
  return { PATH: `${bin}:${process.env.PATH}` };
}

const packaged = {
  kind: 'packaged' as const,
  id: kernel,
  about: '',
  suites: ['sid'],
  packages: { arm: 'linux-image-x' },
};
const stored = (at: string) => {
  const part = { name: 'p', version: '1', suite: 'sid', uri: deb.uri, bytes: 1, sha256: deb.sha256 };
  return { v: 1, at, release: 'r', image: part, headers: part, common: part, kbuild: part };
};

it('without a network a target is unavailable with apt’s own words, or as it was last known', async () => {
  const arm = machines.arm;
  if (!arm) throw new Error('there is a machine for arm');
  const { context } = contextWith([], { env: await offline() });
  await expect(resolveKernel(context, packaged, arm)).rejects.toMatchObject({
    code: 'target-unavailable',
    message: expect.stringContaining('Temporary failure resolving'),
  });
  const folder = await context.cache.folder('resolved');
  await writeFile(path.join(folder, 'debian-6.1-arm.json'), JSON.stringify(stored('2020-01-01T00:00:00Z')));
  expect(await resolveKernel(context, packaged, arm)).toMatchObject({ at: '2020-01-01T00:00:00Z' });
});

it('what was found today is not asked for again', async () => {
  const arm = machines.arm;
  if (!arm) throw new Error('there is a machine for arm');
  const { context } = contextWith([], { env: { PATH: '/nowhere' } });
  const folder = await context.cache.folder('resolved');
  await writeFile(path.join(folder, 'debian-6.1-arm.json'), JSON.stringify(stored('2026-01-01T00:00:00Z')));
  expect(await resolveKernel(context, packaged, arm)).toMatchObject({ release: 'r' });
});

it('a program for another machine is refused', async () => {
  const { arm, x86_64 } = machines;
  if (!arm || !x86_64) throw new Error('there are machines for arm and x86_64');
  if (process.arch !== 'x64') return;
  await checkElf(process.execPath, x86_64);
  await expect(checkElf(process.execPath, arm)).rejects.toMatchObject({
    code: 'wrong-elf',
    message: expect.stringMatching(/is machine 62, 64 bit.*arm needs machine 40, 32 bit/),
  });
});

it('the same files give the same first root, and another byte gives another', async () => {
  const { context } = contextWith([]);
  const from = path.join(root, 'file');
  await writeFile(from, 'one');
  const files = [...(await imageTree('lab')), { path: 'bin/deep/file', from, mode: 0o755 }];
  const first = await initramfs(context, 'it', files, [{ path: 'bin/link', target: 'deep/file' }]);
  expect(await initramfs(context, 'it', files, [{ path: 'bin/link', target: 'deep/file' }])).toEqual(first);
  await writeFile(from, 'two');
  expect((await initramfs(context, 'it', files)).sha256).not.toBe(first.sha256);
});
