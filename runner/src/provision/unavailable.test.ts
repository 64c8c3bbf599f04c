import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { contextOf } from './make-context.ts';
import { sourceHash } from './source-hash.ts';
import { obtainMade } from './unavailable.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pf-made-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const context = () =>
  contextOf('it', {
    ...{ ready: false, signal: new AbortController().signal, onProgress: () => undefined },
    ...{ env: process.env, cacheRoot: path.join(root, 'cache') },
  });

it('what is made of files that change meanwhile is not kept under what they were', async () => {
  const source = path.join(root, 'a.c');
  await writeFile(source, 'one');
  const inputs = async () => ({ source: await sourceHash(root, (name) => name.endsWith('.c')) });
  const made = (meanwhile: () => Promise<void>) =>
    obtainMade(context(), 'it', 'made', inputs, async (dir) => {
      await meanwhile();
      await writeFile(path.join(dir, 'out'), await readFile(source));
    });
  await expect(made(() => writeFile(source, 'two'))).rejects.toMatchObject({
    code: 'source-changed',
    exitStatus: 3,
    message: 'the sources of it were changed while it was built',
  });
  expect(await readdir(path.join(root, 'cache/entries/made'))).toEqual([]);
  const dir = await made(async () => undefined);
  expect(await readFile(path.join(dir, 'out'), 'utf8')).toBe('two');
});
