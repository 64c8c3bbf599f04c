import { describe, expect, test } from 'vitest';
import { costs, quantile, rowOf } from './rows.ts';

describe('rowOf', () => {
  test('compares medians, and says how far the rounds lie apart', () => {
    const row = rowOf({ what: 'w', unit: 'us', peer: 'p' }, [1, 9, 2, 3, 2], [4, 4, 40, 5, 3]);
    expect(row).toEqual({
      ...{ what: 'w', unit: 'us', peer: 'p', ours: 2, theirs: 4, ratio: 0.5, rounds: 5 },
      spread: { ours: [2, 3], theirs: [4, 5] },
    });
  });

  test('of costs below nothing there is no ratio', () => {
    const naming = { what: 'w', unit: 'us', peer: 'p' };
    expect(rowOf(naming, [-1], [2]).ratio).toBeNull();
    expect(rowOf(naming, [1], [-2]).ratio).toBeNull();
  });

  test('one round is its own spread', () => {
    const row = rowOf({ what: 'w', unit: 'KiB', peer: 'p' }, [7], [14]);
    expect(row).toMatchObject({ ratio: 0.5, rounds: 1, spread: { ours: [7, 7], theirs: [14, 14] } });
  });
});

test('a quantile is one of the values, in whatever order they came', () => {
  expect([0, 0.25, 0.5, 0.75, 1].map((part) => quantile([30, 10, 50, 20, 40], part))).toEqual([
    10, 20, 30, 40, 50,
  ]);
  expect(quantile([], 0.5)).toBeNaN();
});

test('a cost is what was added in the same round, to each of the calls', () => {
  expect(costs([110, 230], [10, 30], 10)).toEqual([10, 20]);
  expect(costs([110, 230], [10], 10)[1]).toBeNaN();
});
