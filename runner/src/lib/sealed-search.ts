import { z } from 'zod';
import { repeatsText } from './certificate.ts';
import { rateOf } from './rate.ts';

const count = z.number().int().nonnegative();

/** What came of looking for a live guest's breach in a sealed one. */
export const sealedSearchSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('found'),
    /** The number of the schedule, from 1 on. */
    schedule: count,
    strategy: z.string(),
    /** What the search took. Results from before it was told have none. */
    seconds: z.number().nonnegative().optional(),
    repeats: z.strictObject({ same: count, breached: count, of: count }),
    /** Relative to the run's folder. */
    capsule: z.string(),
  }),
  z.strictObject({ kind: z.literal('not-found'), schedules: count, seconds: z.number().nonnegative() }),
  z.strictObject({ kind: z.literal('impossible'), reason: z.string() }),
]);

export type SealedSearch = z.infer<typeof sealedSearchSchema>;

/** One sentence without its end. */
export function sealedSearchText(search: SealedSearch): string {
  const head = 'searched for in a sealed guest';
  switch (search.kind) {
    case 'found':
      return `${head}: found in schedule ${search.schedule} by ${search.strategy}, ${repeatsText(search.repeats)}`;
    case 'not-found': {
      const most = (100 * rateOf(0, search.schedules).high).toFixed(2);
      return `${head}: no breach in ${search.schedules} schedules (below ${most} % each, at 95 %)`;
    }
    case 'impossible':
      return `${head}: not possible, ${search.reason}`;
  }
}
