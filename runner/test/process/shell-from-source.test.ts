import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { machines } from '../../src/lib/machines/index.ts';
import type { Context } from '../../src/provision/context.ts';
import { contextOf } from '../../src/provision/make-context.ts';
import { sha256OfFile } from '../../src/provision/packages.ts';
import { programOf, type Recipe } from '../../src/provision/shell-from-source.ts';
import type { SourcePackage } from '../../src/provision/source-package.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pf-source-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const native = machines[process.arch === 'arm64' ? 'arm64' : 'x86_64'];

const recipe: Recipe = {
  files: { 'number.h': '#define NUMBER 7\n' },
  steps: [['bash', '-c', '{prefix}gcc -include debian/more.h -o made main.c']],
  ...{ built: 'made', program: 'bin/made' },
};

/** The two archives of a source package that makes a program of the host's own arch. */
async function makeSource(): Promise<SourcePackage> {
  const tree = path.join(root, 'made-1.0');
  await mkdir(path.join(tree, 'debian'), { recursive: true });
  const text = '#include "number.h"\nint main(void) { return NUMBER + MORE; }\n';
  await writeFile(path.join(tree, 'main.c'), text);
  await writeFile(path.join(tree, 'debian/more.h'), '#define MORE 1\n');
  const pack = async (name: string, from: string, what: string) => {
    const file = path.join(root, name);
    execFileSync('tar', ['-c', '-z', '-f', file, '-C', from, what]);
    const common = { name: 'made', version: '1.0-1', suite: 'sid', bytes: 1 };
    return { ...common, uri: `http://mirror.example/pool/${name}`, sha256: await sha256OfFile(file) };
  };
  const additions = await pack('made_1.0-1.debian.tar.gz', tree, 'debian');
  await rm(path.join(tree, 'debian'), { recursive: true });
  const release = await pack('made_1.0.orig.tar.gz', root, 'made-1.0');
  return { name: 'made', version: '1.0-1', release, additions };
}

/** Downloads are copies of what makeSource left. */
function context(more: Partial<Context> = {}) {
  const asked: string[] = [];
  const download = async (_: unknown, uri: string, file: string) => {
    asked.push(uri);
    await copyFile(path.join(root, path.posix.basename(uri)), file);
  };
  const signal = new AbortController().signal;
  const options = { ready: false, signal, onProgress: () => undefined, env: process.env };
  const own = contextOf('it', { ...options, cacheRoot: path.join(root, 'cache') });
  return { asked, context: { ...own, download, ...more } };
}

it('a program is built from its release and the additions of the distribution, once', async () => {
  const source = await makeSource();
  const { asked, context: own } = context();
  const program = await programOf(own, native, source, recipe);
  expect(() => execFileSync(program)).toThrow(expect.objectContaining({ status: 8 }));
  expect(await programOf(own, native, source, recipe)).toBe(program);
  expect(asked).toHaveLength(2);
  expect(await readdir(path.dirname(program))).toEqual(['program']);
});

it('another recipe is another program', async () => {
  const source = await makeSource();
  const { context: own } = context();
  const first = await programOf(own, native, source, recipe);
  const second = await programOf(own, native, source, {
    ...recipe,
    files: { 'number.h': '#define NUMBER 8\n' },
  });
  expect(() => execFileSync(second)).toThrow(expect.objectContaining({ status: 9 }));
  expect(await readFile(first)).not.toEqual(await readFile(second));
});

it('a source that does not build names itself and says the compiler’s words, and nothing is kept', async () => {
  const source = await makeSource();
  const { context: own } = context();
  const broken = { ...recipe, files: { 'number.h': '' } };
  await expect(programOf(own, native, source, broken)).rejects.toMatchObject({
    code: 'shell-build-failed',
    message: expect.stringMatching(/made 1\.0-1 does not build for .*NUMBER/s),
  });
  expect(await readdir(path.join(root, 'cache/entries/shell-source'))).toEqual([]);
});

it('a program for another machine is refused', async () => {
  const source = await makeSource();
  const { context: own } = context();
  const host = { ...recipe, steps: [['bash', '-c', 'gcc -include debian/more.h -o made main.c'] as const] };
  const other = { ...native, elf: machines.mips.elf };
  await expect(programOf(own, other, source, host)).rejects.toMatchObject({ code: 'wrong-elf' });
});

it('an archive that is not what the index says is refused', async () => {
  const source = await makeSource();
  const { asked, context: own } = context();
  await writeFile(path.join(root, 'made_1.0.orig.tar.gz'), 'changed');
  await expect(programOf(own, native, source, recipe)).rejects.toMatchObject({ code: 'package-damaged' });
  expect(asked.filter((uri) => uri.includes('orig'))).toHaveLength(2);
});

it('with --ready nothing is downloaded or built', async () => {
  const source = await makeSource();
  const { asked, context: own } = context({ ready: true });
  await expect(programOf(own, native, source, recipe)).rejects.toMatchObject({
    code: 'target-unavailable',
    message: expect.stringContaining('made for'),
  });
  expect(asked).toEqual([]);
});
