import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { machines } from '../../lib/machines/index.ts';
import type { Release } from '../catalogue.ts';
import { bundleOf } from '../source-kernel.ts';
import { buildPlan } from './build-plan.ts';
import { findSource, sourceTree } from './find-source.ts';
import { releaseFile } from './release.ts';
import { lab, MADE_UP_ID, madeUpKernel, sha256, writeFiles } from './testing.ts';
import { mayStandFor, versionOfMakefile } from './version.ts';

// Each starts a dozen programs, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

it.each([
  ['VERSION = 4\nPATCHLEVEL = 10\nSUBLEVEL = 0\nEXTRAVERSION =\n', '4.10'],
  ['# x\nVERSION = 6\nPATCHLEVEL = 13\nSUBLEVEL = 7\nEXTRAVERSION =\nNAME = Baby\n', '6.13.7'],
  ['VERSION = 6\nPATCHLEVEL = 14\nSUBLEVEL = 0\nEXTRAVERSION = -rc3\n', '6.14-rc3'],
  ['all:\n', undefined],
])('%j is %s', (text, version) => {
  expect(versionOfMakefile(text)).toBe(version);
});

it.each([
  ['6.13', true],
  ['6.13.7', true],
  ['6.13-rc3', true],
  ['6.12', false],
  ['6.130', false],
])('%s for 6.13: %s', (found, may) => {
  expect(mayStandFor(found, '6.13')).toBe(may);
});

const from = (place: string) => ({ kernelSources: new Map([[MADE_UP_ID, place]]) });

it('a tree of another version is a clear mistake', async () => {
  await using place = await lab();
  const makefile = path.join(place.tree, 'Makefile');
  await writeFile(makefile, (await readFile(makefile, 'utf8')).replace('= 13', '= 12'));
  await expect(findSource(place.context(), madeUpKernel())).rejects.toMatchObject({
    exitStatus: 2,
    message: `${place.tree} is Linux 6.12.7; Linux 6.13 or a stable update of it is wanted`,
  });
});

it('what is no source, or was built in, is a mistake with its cure', async () => {
  await using place = await lab();
  const empty = path.join(place.dir, 'empty');
  await mkdir(empty);
  const look = (where: string) => findSource(place.context(from(where)), madeUpKernel());
  await expect(look(empty)).rejects.toThrow(/is not a kernel’s source/);
  await expect(look(path.join(place.dir, 'nowhere'))).rejects.toThrow(/there is no .*nowhere/);
  await expect(look(path.join(place.tree, 'Makefile'))).rejects.toThrow(/neither a folder nor a \.tar/);
  await writeFiles(place.tree, { 'include/config/auto.conf': '' });
  await expect(look(place.tree)).rejects.toMatchObject({
    exitStatus: 2,
    message: expect.stringContaining('was built in: include/config is there'),
    hint: expect.stringContaining(`make -C ${place.tree} mrproper`),
  });
});

it('a tree is known by what is in it, wherever it lies and whatever git keeps of it', async () => {
  await using place = await lab();
  const copy = path.join(place.dir, 'copy');
  execFileSync('cp', ['-r', place.tree, copy]);
  await writeFiles(copy, { '.git/HEAD': 'ref: x\n' });
  const hash = async (where: string) => (await findSource(place.context(from(where)), madeUpKernel())).sha256;
  expect(await hash(copy)).toBe(await hash(place.tree));
  const other = path.join(place.dir, 'other');
  execFileSync('cp', ['-r', place.tree, other]);
  execFileSync('chmod', ['+x', path.join(other, 'one.c')]);
  expect(await hash(other)).not.toBe(await hash(place.tree));
});

/** An archive of the made-up tree as kernel.org has them: everything in one folder. */
async function archive(dir: string, tree: string, suffix = 'gz'): Promise<string> {
  const file = path.join(dir, `linux-6.13.tar.${suffix}`);
  execFileSync('tar', ['-caf', file, '-C', path.dirname(tree), path.basename(tree)]);
  return file;
}

it.each(['gz', 'xz'])(
  'an archive (.tar.%s) is looked into, unpacked once, and named by its hash',
  async (suffix) => {
    await using place = await lab();
    const file = await archive(place.dir, place.tree, suffix);
    const context = place.context(from(file));
    const source = await findSource(context, madeUpKernel());
    expect(source).toMatchObject({
      kind: 'archive',
      version: '6.13.7',
      sha256: sha256(await readFile(file)),
    });
    const tree = await sourceTree(context, madeUpKernel(), source);
    expect(await readFile(path.join(tree, 'two.c'), 'utf8')).toBe('two\n');
    await rm(file);
    expect(await sourceTree(context, madeUpKernel(), source)).toBe(tree);
  },
);

it('an archive that is cut off is named, and nothing of it is kept', async () => {
  await using place = await lab();
  await writeFile(
    path.join(place.tree, 'zzz'),
    Buffer.from(Array.from({ length: 90_000 }, (_, i) => (i * 7919) % 251)),
  );
  const file = await archive(place.dir, place.tree);
  await truncate(file, (await readFile(file)).length - 300);
  const context = place.context(from(file));
  const trouble = (async () =>
    sourceTree(context, madeUpKernel(), await findSource(context, madeUpKernel())))();
  await expect(trouble).rejects.toMatchObject({
    exitStatus: 2,
    message: expect.stringContaining(`${file} is cut off`),
  });
  expect(await readdir(path.join(place.dir, 'cache/entries/kernel-tree')).catch(() => [])).toEqual([]);
});

/** A server that gives one answer after the other to whoever downloads; HEAD always succeeds. */
function server(answers: readonly (() => Response)[]) {
  const asked: string[] = [];
  const left = [...answers];
  const fetch = async (_: string, { method = 'GET' }: { method?: string }): Promise<Response> => {
    asked.push(method);
    if (method === 'HEAD') return new Response(null);
    const answer = left.shift();
    if (!answer) throw new Error('nobody should ask again');
    return answer();
  };
  return { fetch, asked };
}

const release = (content: string): Release => ({
  version: '6.13',
  url: 'https://kernel.example/linux-6.13.tar.xz',
  sha256: sha256(content),
});

it('a release is downloaded once, and a cut-off transfer is tried once more', async () => {
  await using place = await lab();
  const { fetch, asked } = server([
    () => new Response('who', { headers: { 'content-length': '5' } }),
    () => new Response('whole'),
  ]);
  const context = place.context({ fetch });
  const file = await releaseFile(context, release('whole'), madeUpKernel().id);
  expect(await readFile(file, 'utf8')).toBe('whole');
  expect(await releaseFile(context, release('whole'), madeUpKernel().id)).toBe(file);
  expect(asked).toEqual(['HEAD', 'GET', 'GET']);
});

it('a release that is altered twice is an error with both hashes, and nothing of it is kept', async () => {
  await using place = await lab();
  const { fetch } = server([() => new Response('altered'), () => new Response('altered')]);
  const error: unknown = await releaseFile(
    place.context({ fetch }),
    release('whole'),
    madeUpKernel().id,
  ).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'source-damaged', exitStatus: 3 });
  for (const word of ['linux-6.13.tar.xz', sha256('altered'), sha256('whole')])
    expect(String(error)).toContain(word);
  expect(await readdir(path.join(place.dir, 'cache/entries/kernel-release'))).toEqual([]);
});

it('a server without the file is named', async () => {
  await using place = await lab();
  const fetch = async () => new Response(null, { status: 404 });
  await expect(
    releaseFile(place.context({ fetch }), release('whole'), madeUpKernel().id),
  ).rejects.toMatchObject({
    code: 'target-unavailable',
    message: '6.13: its source https://kernel.example/linux-6.13.tar.xz cannot be reached: it answers 404',
  });
});

it('without a network and a source a kernel is unavailable, asked for once, with the line to type', async () => {
  await using place = await lab();
  let asked = 0;
  const fetch = async () => {
    asked += 1;
    throw new TypeError('fetch failed', { cause: new Error('getaddrinfo EAI_AGAIN kernel.example') });
  };
  const context = place.context({ fetch, kernelSources: new Map() });
  const plan = await buildPlan(context, madeUpKernel(), machines.arm, place.fragments);
  const unavailable = {
    code: 'target-unavailable',
    message: expect.stringMatching(/cannot be reached: getaddrinfo EAI_AGAIN/),
    hint: expect.stringMatching(/--kernel-source 6\.13=PATH .*kernels -- import FILE/),
  };
  await expect(bundleOf(context, plan)).rejects.toMatchObject(unavailable);
  await expect(bundleOf(context, plan)).rejects.toMatchObject(unavailable);
  expect(asked).toBe(1);
  await expect(bundleOf({ ...context, ready: true }, plan)).rejects.toMatchObject({
    message: expect.stringMatching(/arm\/6\.13 is not in the cache .*--ready/),
  });
});
