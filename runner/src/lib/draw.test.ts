import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Draw } from './draw.ts';

test('is splitmix64, as its authors have it', () => {
  // Of seed 0: e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f (Steele, Lea and Flood 2014).
  const draw = new Draw(0n);
  const upper = [0xe220a8397b1dcdafn, 0x6e789e6aa1b965f4n, 0x06c45d188009454fn].map((n) => Number(n >> 11n));
  expect([draw.unit(), draw.unit(), draw.unit()]).toEqual(upper.map((n) => n / 2 ** 53));
});

test('what is drawn lies where it is asked for', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 0, max: 1e6 }),
      (seed, least, more) => {
        const draw = new Draw(seed);
        const between = draw.between(least, least + more);
        expect(between).toBeGreaterThanOrEqual(least);
        expect(between).toBeLessThanOrEqual(least + more);
        expect(draw.below(least)).toBeLessThan(least);
        expect([1, 2, 3]).toContain(draw.pick([1, 2, 3]));
      },
    ),
  );
});

test('each order of magnitude is as likely', () => {
  const draw = new Draw(7n);
  const small = Array.from({ length: 1000 }, () => draw.between(1, 10_000)).filter((n) => n < 100).length;
  expect(small).toBeGreaterThan(400);
  expect(small).toBeLessThan(600);
});
