import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rateOf, upperBound } from './rate.ts';

/** At the ends the share that was seen is as far off as chance takes it in 19 of 20 cases (score test). */
test.each([
  [7, 40],
  [1, 3],
  [999, 1000],
])("%i of %i: the ends are those of Wilson's interval", (hits, of) => {
  const { low, high } = rateOf(hits, of);
  for (const end of [low, high]) {
    const deviation = Math.sqrt((end * (1 - end)) / of);
    expect(Math.abs(hits / of - end) / deviation).toBeCloseTo(1.959964, 5);
  }
  expect(low).toBeLessThan(high);
});

test('never and always reach the ends, and nothing is known of no tries', () => {
  expect(rateOf(0, 100)).toMatchObject({ low: 0 });
  expect(rateOf(0, 100).high).toBeLessThan(0.04);
  expect(rateOf(5, 5)).toMatchObject({ high: 1 });
  expect(rateOf(0, 0)).toMatchObject({ low: 0, high: 1 });
});

test('holds the share that was seen', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), (of, share) => {
      const hits = Math.round(of * share);
      const { low, high } = rateOf(hits, of);
      expect(low).toBeLessThanOrEqual(hits / of);
      expect(high).toBeGreaterThanOrEqual(hits / of);
    }),
  );
});

test.each([
  [1, '1.00'],
  [0.3, '0.30'],
  [3 / 13, '0.24'],
  [0.29, '0.29'],
  [3 / 70, '0.043'],
  [3 / 140, '0.022'],
  [0.07, '0.070'],
  [3 / 1000, '0.0030'],
  [3 / 1001, '0.0030'],
  [3 / 999, '0.0031'],
  [0, '0.00'],
])('nothing is promised below the bound %d that is shown as %s', (below, shown) => {
  expect(upperBound(below)).toBe(shown);
  expect(Number(shown)).toBeGreaterThanOrEqual(below - 1e-12);
});
