import { expect, test } from 'vitest';
import type { Results } from '../../src/report/index.ts';
import { matrix, verdicts } from '../vm/lab.ts';

const SCENARIOS = [
  'argv/shared-memory-peer',
  'argv/thread-rewrite',
  'fork/raw-fork',
  'lifecycle/warden-killed',
  'yama/denied',
];
const CELLS = ['x86_64', 'arm', 'mipsel'].flatMap((arch) =>
  SCENARIOS.map((scenario) => `${scenario}@${arch}/debian-6.1`),
);

const digests = (results: Results): (string | null | undefined)[] =>
  results.cells.flatMap((cell) => Object.values(cell.lanes).map((lane) => lane?.digest));

/** What needs nothing but the distribution. */
const packaged = (arches: string, seed: string) =>
  matrix('--profile', 'quick', '--arch', arches, '--kernel', 'debian-6.1', '--seed', seed);

test('every cell of quick holds on three arches, every control is breached, and a seed fixes what happens', async () => {
  await using first = await packaged('x86_64,arm,mipsel', '11');
  expect(first.status, first.stdout + first.stderr).toBe(0);
  const results = await first.results();
  expect(results.cells.map(({ id }) => id).sort()).toEqual([...CELLS].sort());
  for (const cell of results.cells) {
    expect(cell.verdict, `${cell.id}: ${cell.reason}`).toBe('held');
    expect(cell.lanes.control?.breaches, cell.id).toBeGreaterThan(0);
    expect(cell.lanes.guarded?.breaches, cell.id).toBe(0);
    expect(cell.lanes.honest?.refused, cell.id).toBe(0);
    expect(cell.kernelRelease, cell.id).toMatch(/^6\.1\./);
    // Kernels for mips lose calls that a signal meets while they wait for their answer.
    expect(cell.backend, cell.id).toBe(cell.arch === 'mipsel' ? 'trace' : 'notify');
    expect(cell.mode).toBe('sealed');
  }
  expect(results.summary.held).toBe(CELLS.length);
  expect(await first.file('junit.xml')).toMatch(/<testsuite /);
  const journal = (await first.file('journal.ndjson')).trim().split('\n');
  const schedules = journal.filter((line) => line.startsWith('{"kind":"schedule"'));
  const counted = results.cells.flatMap((cell) =>
    Object.values(cell.lanes).map((lane) => lane?.schedules ?? 0),
  );
  expect(schedules).toHaveLength(counted.reduce((sum, n) => sum + n, 0));

  await using again = await packaged('x86_64,arm,mipsel', '11');
  expect(verdicts(await again.results())).toEqual(verdicts(results));
  const before = digests(results);
  expect(digests(await again.results())).toEqual(before);
  await using other = await packaged('arm', '12');
  const known = new Set(before);
  for (const digest of digests(await other.results())) expect(known).not.toContain(digest);
});
