import { describe, expect, test } from 'vitest';
import { exampleCell } from '../example-data.ts';
import { barsPath, boundText, countsText, rateOf, spreadText, squareLabel } from './words.ts';

const lane = (schedules: number, trials: number, crossed: number) => ({
  schedules,
  trials,
  crossed,
  counts: [],
});

describe('a cell in words', () => {
  const held = exampleCell({
    ...{ breachRateBelow: 0.3 },
    lanes: { control: lane(4, 40, 24), guarded: lane(10, 100, 0) },
  });

  test('says what its bound means', () => {
    expect(boundText(held)).toBe(
      'No breach in 10 schedules: a schedule breaches with probability below 0.30, at 95 %.',
    );
    expect(boundText(exampleCell({}))).toBeNull();
  });

  test('says what its square shows', () => {
    expect(squareLabel(held)).toBe('held, control lane 60%, bound 0.30');
    expect(squareLabel(exampleCell({ verdict: 'hung', asExpected: false }))).toBe('hung, not as expected');
  });

  test('has no rate without trials', () => {
    expect([rateOf(undefined), rateOf(lane(0, 0, 0)), rateOf(lane(1, 4, 1))]).toEqual([null, null, 0.25]);
  });
});

describe('counts of schedules', () => {
  test('are read out, but not without end', () => {
    expect(countsText([5, 0, 3])).toBe('crossed per schedule: 5, 0, 3');
    expect(countsText(Array(1000).fill(1))).toMatch(/, 1 and 940 more$/);
  });

  test('are summed up', () => {
    expect([spreadText([]), spreadText([2, 2]), spreadText([0, 7, 3])]).toEqual([
      '',
      '2 in each',
      '0 to 7 in each',
    ]);
  });

  test('are bars', () => {
    expect(barsPath([2, 0, 1], 2)).toBe('M0.12 1h.76v-1.000h-.76zM2.12 1h.76v-0.500h-.76z');
    expect(barsPath([0, 0], 0)).toBe('');
  });
});
