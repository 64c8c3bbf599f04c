import { expect, test } from 'vitest';
import { measureCalls, saysNoFilter } from './calls.ts';
import { measureMemory } from './memory.ts';
import type { Place } from './place.ts';

/** A place where each way of running a load costs what the test says. */
function place(cost: (command: string) => number, change: Partial<Place> = {}): Place {
  return {
    ...{ name: 'here', clock: '', backends: ['notify'] },
    sizes: { rounds: 3, counts: { exec: 10, open: 10, null: 10 }, tasks: 1000 },
    programs: { load: '/load', tasks: '/tasks', warden: '/warden', strace: '/strace' },
    policy: (name) => `/policies/${name}`,
    run: async (command) => ({ report: { event: 'load', ns: cost(command.join(' ')) }, words: '' }),
    [Symbol.asyncDispose]: async () => undefined,
    ...change,
  };
}

const costOf = (command: string): number => {
  if (command.includes('/strace')) return 500_000;
  if (!command.includes('/warden')) return 100_000;
  if (command.includes('/policies/others')) return 104_000;
  return command.includes('--deep-guard strict') ? 400_000 : 200_000;
};

test('what a way adds to a call stands beside what strace adds to the same call', async () => {
  const rows = await measureCalls(place(costOf));
  const row = rows.find(({ what }) => what === 'here: open judged, notify, deep-guard strict');
  expect(row).toMatchObject({
    ours: 30,
    theirs: 40,
    ratio: 0.75,
    rounds: 3,
    peer: 'strace -f --seccomp-bpf',
  });
  const quiet = rows.find(({ what }) => what === 'here: null call no rule names, notify');
  expect(quiet).toMatchObject({ ours: 10.4, theirs: 10, ratio: 1.04, peer: 'bare' });
  expect(rows).toHaveLength(7);
});

test('in each round every way has its turn', async () => {
  const seen: string[] = [];
  const run: Place['run'] = async (command, round) => {
    seen.push(`${round} ${command.join(' ')}`);
    return { report: { event: 'load', ns: 1 }, words: '' };
  };
  await measureCalls(place(() => 1, { run }));
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.filter((turn) => turn.startsWith('0 ')).length * 3).toBe(seen.length);
});

test('a strace that got no filter is not passed off as one that did', async () => {
  const words = 'strace: seccomp filter is requested but unavailable';
  const run: Place['run'] = async () => ({ report: { event: 'load', ns: 1 }, words });
  const rows = await measureCalls(place(() => 1, { run }));
  expect(rows[0]?.peer).toBe('strace -f (no --seccomp-bpf here)');
  expect(saysNoFilter({ words: 'strace: Process 7 attached' })).toBe(false);
});

test('a load that reports something else is an error, not a figure', async () => {
  const run: Place['run'] = async () => ({ report: { event: 'ran' }, words: '' });
  await expect(measureCalls(place(() => 1, { run }))).rejects.toThrow();
});

test('memory is held against the promise for as many tasks', async () => {
  const run: Place['run'] = async () => ({
    report: { event: 'memory', warden: 900, keeper: 100 },
    words: '',
  });
  const rows = await measureMemory(place(() => 1, { run }));
  expect(rows.map(({ ours, theirs }) => [ours, theirs])).toEqual([
    [1000, 4096 + 200 / 1024],
    [1000, 4096 + 200_000 / 1024],
  ]);
});
