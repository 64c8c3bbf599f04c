import { describe, expect, test } from 'vitest';
import type { FlawCount } from '../lib/flaw.ts';
import type { SealedSearch } from '../lib/sealed-search.ts';
import { result } from '../report/testing.ts';
import { searchedCell } from './searched.ts';

const crashed: FlawCount = { kind: 'crashed', count: 1, detail: 'Kernel panic' };
const hung: FlawCount = { kind: 'hung', count: 2, detail: 'no progress' };
const error: FlawCount = { kind: 'error', count: 3, detail: 'a frame is missing' };

const nothing = (flawed: FlawCount[]): SealedSearch => ({
  ...{ kind: 'not-found', schedules: 600, seconds: 120, flawed },
});
const found = (flawed: FlawCount[]): SealedSearch => ({
  ...{ kind: 'found', schedule: 7, strategy: 'jitter', seconds: 9, flawed },
  ...{ repeats: { same: 3, breached: 3, of: 3 }, capsule: 'c.capsule.json' },
});

describe('a held cell', () => {
  test.each([
    ['crashed', [crashed, hung], 'no schedule of the matrix crashed, but 1 of a search did: Kernel panic'],
    ['hung', [hung, error], 'no schedule of the matrix hung, but 2 of a search did: no progress'],
  ] as const)('is %s where a schedule of its search was', (verdict, flawed, reason) => {
    const cell = searchedCell(result(), nothing([...flawed]));
    expect(cell).toMatchObject({ verdict, reason, asExpected: false, breachRateBelow: null });
    expect(cell.findings).toEqual([expect.stringMatching(/no breach in 600 schedules .*; no evidence: /)]);
    expect(searchedCell(result({ expected: verdict }), nothing([...flawed])).asExpected).toBe(true);
  });

  test('is breached before it is anything else', () => {
    expect(searchedCell(result(), found([crashed]))).toMatchObject({
      ...{ verdict: 'breached', reason: expect.stringMatching(/schedule 7 of a search did, by jitter/) },
      capsules: ['c.capsule.json'],
    });
  });

  test('is held where the lab alone had trouble, and says so', () => {
    const cell = searchedCell(result(), nothing([error]));
    expect(cell).toMatchObject({ verdict: 'held', reason: null, breachRateBelow: 0.5 });
    expect(cell.findings.join()).toMatch(/; no evidence: 3 error \(a frame is missing\)$/);
  });
});

test('a planted bug that was not found is so whatever else was seen', () => {
  const planted = result({ verdict: 'breached', expected: 'breached' });
  expect(searchedCell(planted, nothing([crashed]))).toMatchObject({ verdict: 'inconclusive' });
  expect(searchedCell(planted, found([crashed]))).toMatchObject({ verdict: 'breached', asExpected: true });
});
