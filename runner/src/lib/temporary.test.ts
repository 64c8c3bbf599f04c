import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ownName } from './owner.ts';
import { sweepTemporaryFolders, temporaryFolder } from './temporary.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-test-'));
  vi.stubEnv('TMPDIR', dir);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

test('folders of the dead go; ours stay, and those that do not say whose they are', async () => {
  const own = path.basename(await temporaryFolder());
  const kept = ['photofinish-native-x1y2z3', 'photofinish-test-1.2', 'photofinish-', 'other-1.2-x'];
  for (const name of [...kept, `photofinish-${ownName()}9-abcdef`]) await mkdir(path.join(dir, name));
  await sweepTemporaryFolders();
  expect((await readdir(dir)).sort()).toEqual([...kept, own].sort());
});
