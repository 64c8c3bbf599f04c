import { expect, test } from 'vitest';
import { type SealedSearch, sealedSearchSchema, sealedSearchText } from './sealed-search.ts';

const repeats = { same: 3, breached: 3, of: 3 };

test.each<[SealedSearch, RegExp]>([
  [
    { kind: 'found', schedule: 12, strategy: 'near-miss', seconds: 9, repeats, capsule: 'a.capsule.json' },
    /found in schedule 12 by near-miss, deterministic: 3 of 3/,
  ],
  [{ kind: 'not-found', schedules: 600, seconds: 120 }, /no breach in 600 schedules \(below 0\.\d\d % each/],
  [{ kind: 'not-found', schedules: 0, seconds: 120 }, /no breach in 0 schedules \(below 100\.00 % each/],
  [
    {
      ...{ kind: 'not-found', schedules: 600, seconds: 120 },
      flawed: [
        { kind: 'hung', count: 2, detail: 'no progress' },
        { kind: 'error', count: 1, detail: 'a frame is missing' },
      ],
    },
    /no breach in 600 schedules .*at 95 %\); no evidence: 2 hung \(no progress\), 1 error \(a frame is missing\)$/,
  ],
  [
    {
      ...{ kind: 'found', schedule: 12, strategy: 'plain', seconds: 9, repeats, capsule: 'a.capsule.json' },
      flawed: [{ kind: 'crashed', count: 1, detail: 'Kernel panic' }],
    },
    /are the same to the bit; no evidence: 1 crashed \(Kernel panic\)$/,
  ],
  [{ kind: 'impossible', reason: 'QEMU 7.2 cannot fork a guest' }, /not possible, QEMU 7\.2/],
])('%o is said in words', (search, words) => {
  expect(sealedSearchText(search)).toMatch(words);
  expect(sealedSearchSchema.parse(search)).toEqual(search);
});
