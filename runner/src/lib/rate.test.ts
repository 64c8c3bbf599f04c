import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rateOf } from './rate.ts';

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
