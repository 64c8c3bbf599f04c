import { describe, expect, test } from 'vitest';
import { certificateOf } from '../../lib/certificate.ts';
import type { CellResult, RunInfo } from '../../lib/verdict.ts';
import { lane, result, resultsOfRun, sha } from '../testing.ts';
import { flakyCells } from './flaky.ts';

const sealed = (digit: string, changes: Partial<CellResult> = {}): CellResult =>
  result({
    lanes: { control: lane([3, 2], 10, sha('1')), guarded: lane([0, 0], 10, sha(digit)) },
    ...changes,
  });
const run = (id: string, cells: CellResult[], inputs: string | null = 'i', changes: Partial<RunInfo> = {}) =>
  resultsOfRun(
    cells,
    { id, ...changes },
    { targets: inputs === null ? {} : { 'arm/debian-6.1': { inputs } } },
  );
const cell = 'argv/swap@arm/debian-6.1';

describe('two answers to one question', () => {
  test('are two verdicts for the same inputs and seeds', () => {
    const breached = sealed('3', { verdict: 'breached' });
    expect(flakyCells([run('a', [sealed('2')]), run('b', [sealed('2')]), run('c', [breached])])).toEqual([
      { cell, evidence: 'the same inputs and seed in a and c: held, then breached' },
    ]);
  });

  test('are two digests under one verdict, whichever lane they are of', () => {
    const control = sealed('2', {
      lanes: { control: lane([3, 2], 10, sha('9')), guarded: lane([0, 0], 10, sha('2')) },
    });
    for (const other of [sealed('3'), control]) {
      expect(flakyCells([run('a', [sealed('2')]), run('b', [other])])).toEqual([
        { cell, evidence: 'the same inputs and seed in a and b: held both times, and other events' },
      ]);
    }
  });

  test('are looked for among all that were planned alike, and among those that do not say how', () => {
    const planned = (digit: string, plan: string) => sealed(digit, { plan: sha(plan) });
    const told = (...cells: CellResult[]) =>
      flakyCells(cells.map((one, at) => run('abcd'[at] ?? '', [one]))).map(({ evidence }) => evidence);
    expect(told(planned('2', '7'), planned('3', '7'))).toEqual([expect.stringMatching(/ in a and b: /)]);
    expect(told(planned('2', '7'), planned('3', '8'))).toEqual([]);
    expect(told(planned('2', '7'), planned('3', '8'), planned('4', '8'))).toEqual([
      expect.stringMatching(/ in b and c: /),
    ]);
    expect(told(planned('2', '7'), sealed('3'))).toEqual([expect.stringMatching(/ in a and b: /)]);
  });

  test('may stand far apart, with other questions between them', () => {
    const runs = [
      run('a', [sealed('2')]),
      run('b', [sealed('4')], 'other'),
      run('c', [], 'i'),
      run('d', [sealed('3')]),
    ];
    expect(flakyCells(runs).map(({ evidence }) => evidence)).toEqual([
      expect.stringMatching(/ in a and d: /),
    ]);
  });
});

describe('it is no question of one answer', () => {
  const breached = sealed('3', { verdict: 'breached' });
  const more = sealed('3', {
    lanes: { control: lane([3, 2], 10, sha('1')), guarded: lane([0, 0, 0], 10, sha('3')) },
  });
  const longer = sealed('3', {
    lanes: { control: lane([3, 2], 10, sha('1')), guarded: lane([0, 0], 20, sha('3')) },
  });
  const live = { mode: 'live' } as const;
  const undigested = { lanes: { guarded: lane([0, 0], 10, null) } };
  test.each([
    ['with the same answer', [run('a', [sealed('2')]), run('b', [sealed('2')])]],
    ['with another seed', [run('a', [sealed('2')]), run('b', [breached], 'i', { seed: '2' })]],
    ['with other inputs', [run('a', [sealed('2')]), run('b', [breached], 'j')]],
    ['with unknown inputs', [run('a', [sealed('2')], null), run('b', [breached], null)]],
    [
      'with another QEMU',
      [run('a', [sealed('2')]), run('b', [breached], 'i', { host: { qemu: '10.1.0', cores: 2 } })],
    ],
    ['with more schedules', [run('a', [sealed('2')]), run('b', [more])]],
    ['with more trials', [run('a', [sealed('2')]), run('b', [longer])]],
    [
      'in a live guest',
      [run('a', [sealed('2', live)]), run('b', [sealed('3', { ...live, verdict: 'breached' })])],
    ],
    [
      'without digests',
      [run('a', [sealed('2', undigested)]), run('b', [sealed('2', { ...undigested, verdict: 'breached' })])],
    ],
    [
      'of another cell',
      [run('a', [sealed('2')]), run('b', [sealed('3', { id: `${cell}+trace`, verdict: 'breached' })])],
    ],
  ])('%s', (_, runs) => {
    expect(flakyCells(runs)).toEqual([]);
  });
});

describe('a breach that does not come back when it is repeated', () => {
  const with_ = (
    repeats: { same: number; breached: number; of: number },
    changes: Partial<CellResult> = {},
  ) => sealed('2', { verdict: 'breached', certificates: [certificateOf('77', repeats)], ...changes });

  test('is evidence by itself, of the last run alone', () => {
    const cells = [with_({ same: 1, breached: 2, of: 3 })];
    const evidence = 'its breach with seed 77 came back in 2 of 3 repeats, the same to the bit in 1';
    expect(flakyCells([run('a', cells)])).toEqual([{ cell, evidence }]);
    expect(flakyCells([run('a', cells), run('b', [with_({ same: 3, breached: 3, of: 3 })])])).toEqual([]);
  });

  test('is none where it came back to the bit, nor where it was never repeated', () => {
    expect(flakyCells([run('a', [with_({ same: 3, breached: 3, of: 3 })])])).toEqual([]);
    expect(flakyCells([run('a', [with_({ same: 0, breached: 0, of: 0 })])])).toEqual([]);
  });

  test('is none in a live guest, which nobody expects to do the same again', () => {
    expect(flakyCells([run('a', [with_({ same: 0, breached: 2, of: 10 }, { mode: 'live' })])])).toEqual([]);
  });
});

test('of no runs there is nothing to say', () => {
  expect(flakyCells([])).toEqual([]);
});
