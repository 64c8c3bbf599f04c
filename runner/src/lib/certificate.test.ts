import { expect, test } from 'vitest';
import { certaintyOf, certificateOf, repeatsText } from './certificate.ts';

test.each([
  [
    { same: 3, breached: 3, of: 3 },
    'deterministic',
    /^deterministic: 3 of 3 repeats are the same to the bit$/,
  ],
  [
    { same: 0, breached: 3, of: 3 },
    'probabilistic',
    /^probabilistic: 3 of 3 repeats breached \(44 % to 100 %\), 0 the/,
  ],
  [
    { same: 1, breached: 2, of: 10 },
    'probabilistic',
    /2 of 10 repeats breached \(6 % to 51 %\), 1 the same to the bit/,
  ],
  [
    { same: 0, breached: 0, of: 10 },
    'not-reproduced',
    /^not reproduced: none of 10 repeats breached \(0 % to 28 %\)/,
  ],
  [{ same: 0, breached: 0, of: 0 }, 'not-reproduced', /^not repeated$/],
])('%j is %s', (repeats, certainty, text) => {
  expect(certaintyOf(repeats)).toBe(certainty);
  expect(repeatsText(repeats)).toMatch(text);
  expect(certificateOf('7', repeats)).toMatchObject({ certainty, seed: '7', ...repeats });
});
