import { expect, test } from 'vitest';
import { z } from 'zod';
import { matrix, type Run } from '../vm/lab.ts';

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

/** What the journal says of a schedule; the rest of it is not looked at here. */
const scheduleSchema = z.object({
  cell: z.string(),
  record: z.object({ lane: z.string(), seed: z.string(), digest: z.string() }),
});

/** The digests of a run's schedules, by cell, lane and seed. */
async function digests(run: Run): Promise<Map<string, string>> {
  const lines = (await run.file('journal.ndjson')).split('\n');
  const schedules = lines.filter((line) => line.startsWith('{"kind":"schedule"'));
  return new Map(
    schedules.map((line) => {
      const { cell, record } = scheduleSchema.parse(JSON.parse(line));
      return [`${cell} ${record.lane} ${record.seed}`, record.digest];
    }),
  );
}

/** What needs nothing but the distribution. */
const packaged = (...flags: string[]) => matrix('--profile', 'quick', '--kernel', 'debian-6.1', ...flags);
const THREE = ['--arch', 'x86_64,arm,mipsel'];

test('every cell of quick holds on three arches, every control is breached, and a seed fixes what happens', async () => {
  await using first = await packaged(...THREE, '--seed', '11');
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
  const before = await digests(first);
  const counted = results.cells.flatMap((cell) =>
    Object.values(cell.lanes).map((lane) => lane?.schedules ?? 0),
  );
  expect(before.size).toBe(counted.reduce((sum, n) => sum + n, 0));

  // The first schedule of each lane, once more and with other seeds.
  await using again = await packaged(...THREE, '--seed', '11', '--schedules', '1');
  const same = await digests(again);
  expect(same.size).toBe(CELLS.length * Object.keys(results.cells[0]?.lanes ?? {}).length);
  for (const [schedule, digest] of same) expect(digest, schedule).toBe(before.get(schedule));
  await using other = await packaged('--arch', 'arm', '--seed', '12', '--schedules', '1');
  const known = new Set(before.values());
  const others = await digests(other);
  expect(others.size).toBe(same.size / 3);
  for (const [schedule, digest] of others) expect(known, schedule).not.toContain(digest);
});
