import fc from 'fast-check';
import { expect, test } from 'vitest';
import { believed, rankTest } from './ranks.ts';

test('what is known of small samples', () => {
  expect(rankTest([1, 2, 3], [4, 5, 6])).toBeCloseTo(2 / 20, 12);
  expect(rankTest([4, 5, 6, 7], [0, 1, 2, 3])).toBeCloseTo(2 / 70, 12);
  expect(rankTest([1, 4], [2, 3])).toBe(1);
  expect(rankTest([5, 5, 5], [5, 5])).toBe(1);
  expect(rankTest([], [1, 2])).toBe(1);
});

/** All ways to choose `size` of the places. */
function choices(places: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: Math.max(0, places - from) }, (_, i) => from + i).flatMap((first) =>
    choices(places, size - 1, first + 1).map((rest) => [first, ...rest]),
  );
}

test('is what counting every way to deal the values gives', () => {
  const few = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(few, few, (a, b) => {
      const all = [...a, ...b];
      const rank = (value: number): number =>
        all.filter((other) => other < value).length + (all.filter((other) => other === value).length + 1) / 2;
      const middle = (a.length * all.reduce((sum, value) => sum + rank(value), 0)) / all.length;
      const far = (values: readonly number[]): number =>
        Math.abs(values.reduce((sum, value) => sum + rank(value), 0) - middle);
      const dealt = choices(all.length, a.length).map((at) => far(at.map((place) => all[place] ?? 0)));
      const expected = dealt.filter((distance) => distance >= far(a) - 1e-9).length / dealt.length;
      expect(rankTest(a, b)).toBeCloseTo(expected, 9);
      expect(rankTest(b, a)).toBeCloseTo(expected, 9);
    }),
  );
});

test('of many values it is near to what it is of the most that are counted', () => {
  const sample = (size: number, shift: number): number[] =>
    Array.from({ length: size }, (_, n) => ((n * 7) % 11) + shift);
  for (const shift of [0, 1, 2, 3]) {
    const counted = rankTest(sample(40, 0), sample(40, shift));
    // The same values and one more: beyond what is counted.
    const near = rankTest(sample(40, 0), sample(41, shift));
    expect(Math.abs(Math.log(near / counted))).toBeLessThan(0.5);
  }
  expect(rankTest(sample(60, 0), sample(60, 9))).toBeLessThan(1e-6);
  expect(rankTest(Array(60).fill(3), Array(60).fill(3))).toBe(1);
});

test('of many tests those are believed that the procedure’s own example believes', () => {
  const p = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
    0.759, 1,
  ];
  expect(believed(p, 0.05)).toEqual(p.map((_, at) => at < 4));
  expect(believed([0.9, 0.001], 0.05)).toEqual([false, true]);
  expect(believed([0.5, 0.6], 0.05)).toEqual([false, false]);
  expect(believed([], 0.05)).toEqual([]);
});
