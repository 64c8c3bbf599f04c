import { expect, test } from 'vitest';
import { rateOf } from '../lib/rate.ts';
import type { SearchOutcome } from '../run/index.ts';
import { searchLines, searchText } from './search.ts';

const outcome: SearchOutcome = {
  ...{ cell: 'argv/one@arm/4.10', lane: 'guarded', seed: '1', inputs: 'i', schedules: 30, seconds: 60 },
  strategies: [
    { strategy: 'plain', ...rateOf(0, 10), about: 'nothing else' },
    { strategy: 'near-miss', ...rateOf(3, 20), about: 'delays' },
  ],
  flawed: [{ kind: 'hung', count: 2, detail: 'no progress' }],
  found: {
    ...{
      schedule: 12,
      afterSeconds: 21.2,
      strategy: 'near-miss',
      seed: '77',
      capsule: 'cells/x.capsule.json',
    },
    repeats: { same: 3, breached: 3, of: 3 },
    smallest: {
      trials: 1,
      before: 0,
      levers: [{ on: 'return', syscall: 'read', priority: 0, record: false, do: { hold: '5us' } }],
    },
  },
};

test('a person reads what was found, by whom, how surely, and how to have it again', () => {
  expect(searchLines(outcome, 'out')).toEqual([
    '',
    'argv/one@arm/4.10, lane guarded: breached',
    '30 schedules in 60.0 s, 30 a minute',
    '  plain      0 of 10 breached (0.00 % to 27.75 %): nothing else',
    '  near-miss  3 of 20 breached (5.24 % to 36.04 %): delays',
    '2 hung, so no evidence: no progress',
    'first breach after 21.2 s, in schedule 12, by near-miss, seed 77',
    'deterministic: 3 of 3 repeats are the same to the bit',
    'smallest that breaches: 1 trial, 1 lever',
    '  {"on":"return","syscall":"read","do":{"hold":"5us"}}',
    'to have it again: npm run replay -- out/cells/x.capsule.json',
  ]);
  const { found } = outcome;
  const behind = found?.smallest && { ...found, smallest: { ...found.smallest, before: 1 } };
  expect(searchLines({ ...outcome, found: behind ?? null }, 'out')).toContain(
    'smallest that breaches: 1 trial, 1 lever, behind 1 other schedule in its guest',
  );
});

const repeated = (same: number, breached: number, of: number): string => {
  const { found } = outcome;
  if (!found) throw new Error('there is one');
  return searchLines({ ...outcome, found: { ...found, repeats: { same, breached, of } } }, 'out').join('\n');
};

test('what does not come back every time is not called deterministic', () => {
  expect(repeated(1, 2, 3)).toMatch(
    /^probabilistic: 2 of 3 repeats breached \(21 % to 94 %\), 1 the same to the bit$/m,
  );
  expect(repeated(0, 0, 3)).toMatch(/^not reproduced: none of 3 repeats breached \(0 % to 56 %\)$/m);
  expect(repeated(0, 0, 0)).toMatch(/^not repeated/m);
});

test('nothing found is said, and search.json has its version', () => {
  const nothing = { ...outcome, found: null };
  expect(searchLines(nothing, 'out')[1]).toBe('argv/one@arm/4.10, lane guarded: no breach found');
  expect(searchLines({ ...nothing, schedules: 0 }, 'out')[1]).toBe(
    'argv/one@arm/4.10, lane guarded: no schedule is evidence',
  );
  expect(JSON.parse(searchText(outcome))).toEqual({ schema: 3, ...outcome });
});
