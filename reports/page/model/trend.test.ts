import { describe, expect, test } from 'vitest';
import { exampleData } from '../example-data.ts';
import { flipsInOrder, sharesAsExpected, sparkPath, stackedCounts, wallTimes } from './trend.ts';

const run = (given: object) => ({
  ...{ id: 'r', startedAt: '', seconds: 1, seed: '1', profile: 'default', qemu: '' },
  ...{ counts: {}, cells: 4, asExpected: 4, ...given },
});
const runs = [
  run({ counts: { held: 3, breached: 1 }, asExpected: 3 }),
  run({ counts: { held: 1, breached: 1, hung: 2 }, asExpected: 1 }),
  run({ cells: 0, asExpected: 0 }),
];

describe('charts', () => {
  test('a target that a run had not leaves a gap', () => {
    const targets = [
      { target: 'arm/4.10', seconds: [1, null, 3] },
      { target: 'mips/4.10', seconds: [1] },
    ];
    expect(wallTimes({ runs, targets })).toEqual({
      labels: ['arm/4.10', 'mips/4.10'],
      rows: [
        [1, 2, 3],
        [1, null, 3],
        [1, null, null],
      ],
    });
  });

  test('a run without cells has no share', () => {
    expect(sharesAsExpected(runs).rows[1]).toEqual([75, 25, null]);
  });

  test('counts stand on each other, without those that held', () => {
    expect(stackedCounts(runs)).toEqual({
      labels: ['breached', 'hung'],
      rows: [
        [1, 2, 3],
        [1, 1, 0],
        [1, 3, 0],
      ],
    });
  });
});

test('what nobody expects comes first', () => {
  const flip = (cell: string, asExpected: boolean) => ({
    ...{ cell, from: 'held', to: 'breached', asExpected, reason: null },
  });
  const changes = {
    ...{ before: '', moved: [], gone: [], added: [], test: '' },
    flipped: [flip('a', true), flip('b', false), flip('c', true)],
  };
  expect(flipsInOrder(changes as never).map(({ cell }) => cell)).toEqual(['b', 'a', 'c']);
});

describe('a small line', () => {
  test('has gaps', () => {
    expect(sparkPath([0, 1, null, 0.5], 30, 10)).toBe('M0 10h0L10 0M30 5h0');
  });

  test('may be a dot or nothing', () => {
    expect(sparkPath([1], 30, 10)).toBe('M0 0h0');
    expect(sparkPath([], 30, 10)).toBe('');
  });
});

test('the example is the same each time, and has every verdict', () => {
  expect(exampleData(120)).toEqual(exampleData(120));
  expect(new Set(exampleData(120).cells.map(({ verdict }) => verdict)).size).toBe(9);
});
