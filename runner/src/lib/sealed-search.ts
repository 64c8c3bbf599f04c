import { z } from 'zod';
import { repeatsText } from './certificate.ts';
import { type FlawCount, flawCountSchema, flawCountsText } from './flaw.ts';
import { rateOf, upperBound } from './rate.ts';

const count = z.number().int().nonnegative();
/** Schedules that are no evidence, the worst first; left out where there were none, or where nobody looked. */
const flawed = z.array(flawCountSchema).optional();

/** What came of looking for a live guest's breach in a sealed one. */
export const sealedSearchSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('found'),
    /** The number of the schedule, from 1 on. */
    schedule: count,
    strategy: z.string(),
    /** What the search took. Results from before it was told have none. */
    seconds: z.number().nonnegative().optional(),
    flawed,
    repeats: z.strictObject({ same: count, breached: count, of: count }),
    /** Relative to the run's folder. */
    capsule: z.string(),
  }),
  z.strictObject({
    kind: z.literal('not-found'),
    /** Those that are evidence. */
    schedules: count,
    seconds: z.number().nonnegative(),
    flawed,
  }),
  z.strictObject({ kind: z.literal('impossible'), reason: z.string() }),
]);

export type SealedSearch = z.infer<typeof sealedSearchSchema>;

/** One sentence without its end. */
export function sealedSearchText(search: SealedSearch): string {
  const head = 'searched for in a sealed guest';
  switch (search.kind) {
    case 'found':
      return `${head}: found in schedule ${search.schedule} by ${search.strategy}, ${repeatsText(search.repeats)}${beside(search.flawed)}`;
    case 'not-found': {
      const most = upperBound(100 * rateOf(0, search.schedules).high);
      return `${head}: no breach in ${search.schedules} schedules (below ${most} % each, at 95 %)${beside(search.flawed)}`;
    }
    case 'impossible':
      return `${head}: not possible, ${search.reason}`;
  }
}

const beside = (flawed: readonly FlawCount[] = []): string =>
  flawed.length > 0 ? `; no evidence: ${flawCountsText(flawed)}` : '';
