import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Draw } from '../../lib/draw.ts';
import type { GuestEvent } from '../../lib/events.ts';
import type { Flaw } from '../../lib/flaw.ts';
import { hooksForJob, hooksSchema } from '../../lib/hooks/index.ts';
import { ARCHES } from '../../lib/ids.ts';
import { JOB_BYTES } from '../../lib/job.ts';
import type { Weighed } from '../../lib/verdict.ts';
import { Portfolio } from './portfolio.ts';
import { LOOKOUT, lookout, sightingOf } from './sighting.ts';
import { type Sighting, STRATEGIES, type Strategy } from './strategies.ts';

const seen: Sighting = {
  ...{ tasks: 11, calls: 745, names: ['warden', 'thread-rewrite', 'witness'], holdsCalls: true },
  nearMisses: [
    { syscall: 'process_vm_readv', gapNs: 800 },
    { syscall: 'execve', gapNs: 40_000 },
  ],
};

const seeds = fc.bigInt({ min: 0n, max: 2n ** 63n });

test('levers are hooks that every arch takes, none of them tells of anything, and a job has room for them', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(...STRATEGIES), fc.constantFrom(...ARCHES), (seed, strategy, arch) => {
      const levers = strategy.levers(new Draw(seed), seen);
      expect(hooksSchema.parse(levers)).toEqual(levers);
      expect(levers.filter(({ record }) => record)).toEqual([]);
      const words = hooksForJob(levers, arch, '1').flat();
      expect(words.length).toBeGreaterThanOrEqual(levers.length);
      expect(JSON.stringify(words).length).toBeLessThan(JOB_BYTES / 2);
    }),
    { numRuns: 300 },
  );
});

test('the same seed gives the same levers, and others give others', () => {
  for (const { levers, disturbs } of STRATEGIES) {
    const of = (seed: bigint): string => JSON.stringify(levers(new Draw(seed), seen));
    expect(of(5n)).toBe(of(5n));
    if (!disturbs) expect(of(5n)).toBe('[]');
    else expect(new Set([1n, 2n, 3n, 4n, 5n, 6n].map(of)).size).toBeGreaterThan(1);
  }
});

test('no call is held before it is made where the kernel cannot', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(...STRATEGIES), (seed, { levers }) => {
      const chosen = levers(new Draw(seed), { ...seen, holdsCalls: false });
      expect(chosen.filter(({ on, do: deed }) => on === 'call' && deed !== undefined)).toEqual([]);
    }),
  );
});

function strategyNamed(name: string): Strategy {
  const strategy = STRATEGIES.find((one) => one.name === name);
  if (!strategy) throw new Error(`there is no strategy ${name}`);
  return strategy;
}

test('without a near miss the delays are uniform', () => {
  const strategy = strategyNamed('near-miss');
  const levers = strategy.levers(new Draw(3n), { ...seen, nearMisses: [] });
  expect(levers).toMatchObject([{ syscall: 'all' }]);
  expect(strategy.about({ ...seen, nearMisses: [] })).toMatch(/no such place/);
});

const clean: Weighed = { kind: 'clean' };
const breached: Weighed = { kind: 'breached', count: 1 };
const flawed = (kind: Flaw['kind'], text: string): Weighed => ({ kind: 'flawed', flaw: { kind, text } });

test('the portfolio turns to what breaches, and leaves nobody out', () => {
  const portfolio = new Portfolio(STRATEGIES, new Draw(1n));
  for (let n = 0; n < 1000; n++) {
    const strategy = portfolio.choose();
    portfolio.report(strategy, strategy.name === 'jitter' && n % 5 === 0 ? breached : clean);
  }
  const rows = new Map(portfolio.rows().map((row) => [row.strategy, row]));
  expect(rows.get('jitter')?.of).toBeGreaterThan(500);
  for (const { name } of STRATEGIES) expect(rows.get(name)?.of).toBeGreaterThan(10);
  expect([...rows.values()].reduce((sum, { of }) => sum + of, 0)).toBe(1000);
});

test('what is no evidence is in no number of the portfolio, but told by kind, the worst first', () => {
  const portfolio = new Portfolio([strategyNamed('plain'), strategyNamed('jitter')], new Draw(1n));
  const plain = strategyNamed('plain');
  for (const weighed of [
    ...[clean, flawed('error', 'a frame is missing'), flawed('hung', 'no progress'), breached],
    ...[flawed('crashed', 'Kernel panic'), flawed('hung', 'later')],
  ]) {
    portfolio.report(plain, weighed);
  }
  expect(portfolio.schedules).toBe(2);
  expect(portfolio.rows()).toMatchObject([
    { strategy: 'plain', hits: 1, of: 2 },
    { strategy: 'jitter', hits: 0, of: 0 },
  ]);
  expect(portfolio.flawed).toEqual([
    { kind: 'crashed', count: 1, detail: 'Kernel panic' },
    { kind: 'hung', count: 2, detail: 'no progress' },
    { kind: 'error', count: 1, detail: 'a frame is missing' },
  ]);
});

test('what goes ahead of the others is told beside them, and never chosen', () => {
  const portfolio = new Portfolio([strategyNamed('plain')], new Draw(1n), [lookout]);
  portfolio.report(lookout, breached);
  portfolio.report(lookout, flawed('hung', 'no progress'));
  expect(portfolio.choose().name).toBe('plain');
  expect(portfolio.schedules).toBe(1);
  expect(portfolio.rows()).toMatchObject([
    { strategy: 'lookout', hits: 1, of: 1 },
    { strategy: 'plain', hits: 0, of: 0 },
  ]);
  expect(portfolio.flawed).toEqual([{ kind: 'hung', count: 1, detail: 'no progress' }]);
});

test('a strategy of which nothing is evidence is not tried more often for it', () => {
  const portfolio = new Portfolio(STRATEGIES, new Draw(1n));
  let tried = 0;
  for (let n = 0; n < 1000; n++) {
    const strategy = portfolio.choose();
    if (strategy.name === 'starve') tried += 1;
    portfolio.report(strategy, strategy.name === 'starve' ? flawed('hung', 'no progress') : clean);
  }
  expect(tried).toBeLessThan(2 * (1000 / STRATEGIES.length));
});

const X86_64 = 0xc000003e;
const call = (t: number, tid: number, number: number, ...args: number[]): GuestEvent => ({
  ...{ from: 'hooks', event: 'call', hook: 0, t, pid: tid, tid, number, abi: X86_64, skipped: false },
  ...{ arg0: args[0] ?? 0, arg1: args[1] ?? 0, arg2: args[2] ?? 0, arg3: 0, arg4: 0, arg5: 0 },
});

test('a sighting finds who has to do with whom, and when', () => {
  const [read, nanosleep, execve, readv] = [0, 35, 59, 310];
  const known = { names: [], holdsCalls: false };
  const sighting = sightingOf(
    [
      [
        call(1_000_000, 20, execve, 0x7f0000001000),
        call(1_030_000, 10, readv, 20), // by number: 20 is who executes
        call(1_040_000, 30, read, 3, 0x7f0000002000), // nobody else's memory
        call(9_000_000, 31, nanosleep, 0x7f0000001000), // the same place, but long after
      ],
    ],
    'x86_64',
    known,
  );
  expect(sighting).toEqual({
    ...known,
    ...{ tasks: 4, calls: 4 },
    nearMisses: [
      { syscall: 'execve', gapNs: 30_000 },
      { syscall: 'process_vm_readv', gapNs: 30_000 },
    ],
  });
  expect(sightingOf([], 'arm', known)).toEqual({ ...known, tasks: 0, calls: 0, nearMisses: [] });
});

test('what is watched for it is what a hook can be', () => {
  expect(hooksSchema.parse(LOOKOUT)).toEqual(LOOKOUT);
  for (const arch of ARCHES) expect(hooksForJob(LOOKOUT, arch, '1')).toHaveLength(2);
});
