import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseCapsule } from '../../src/lib/capsule.ts';
import { STRATEGY_NAMES } from '../../src/run/search/strategies.ts';
import { bin } from './lab.ts';

/** A schedule that breaches is looked for, kept, and had again. */

const CELL = 'argv/thread-rewrite@arm/debian-6.1';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-test-'));
});

afterAll(() => rm(dir, { recursive: true, force: true }));

const search = (out: string, ...words: string[]) =>
  execa(process.execPath, [bin, 'search', CELL, '--out', out, ...words], { reject: false, stdin: 'ignore' });

const outcomeIn = async (out: string) => JSON.parse(await readFile(path.join(out, 'search.json'), 'utf8'));

test('an attack on nobody breaches, the breach comes back, and the smallest of it is in the capsule', async () => {
  const out = path.join(dir, 'found');
  const done = await search(out, '--lane', 'control', '--trials', '4', '--schedules', '60');
  expect(done.exitCode, done.stdout + done.stderr).toBe(0);
  expect(done.stdout).toMatch(/^deterministic: 3 of 3 repeats are the same to the bit$/m);
  const { found, strategies, schedules } = await outcomeIn(out);
  expect(strategies.map(({ strategy }: { strategy: string }) => strategy)).toEqual([
    'lookout',
    ...STRATEGY_NAMES,
  ]);
  expect(strategies.reduce((sum: number, { of }: { of: number }) => sum + of, 0)).toBe(schedules);
  expect(found.repeats).toEqual({ same: 3, breached: 3, of: 3 });
  expect(found.smallest.trials).toBeLessThanOrEqual(found.strategy === 'aim' ? 64 : 4);
  const file = path.join(out, found.capsule);
  const capsule = parseCapsule(file, await readFile(file, 'utf8'));
  expect(capsule.expected).toMatchObject({ trials: found.smallest.trials });
  expect(capsule.expected.breaches).toBeGreaterThan(0);
  expect(capsule.found).toEqual({ strategy: found.strategy, levers: found.smallest.levers });
  const again = await execa(process.execPath, [bin, 'replay', file, '--times', '2'], { reject: false });
  expect(again.stdout, again.stderr).toMatch(/^2 of 2 replays are the same to the bit/m);
  expect(again.exitCode).toBe(0);
});

test('a search that is interrupted says what it has seen', async () => {
  const out = path.join(dir, 'interrupted');
  const running = search(out, '--for', '10m');
  running.stdout.on('data', (text: Buffer) => {
    if (/\d+ schedules, \d+ a minute/.test(String(text))) running.kill('SIGINT');
  });
  const done = await running;
  expect(done.exitCode, done.stdout + done.stderr).toBe(130);
  const { found, schedules } = await outcomeIn(out);
  expect(found).toBeNull();
  expect(schedules).toBeGreaterThan(0);
});
