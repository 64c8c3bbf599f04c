import path from 'node:path';
import { BootFailure, type Guest, prepareGuest } from '../../guest/index.ts';
import type { Cache } from '../../lib/cache.ts';
import type { SealedSearch } from '../../lib/sealed-search.ts';
import type { Cell } from '../../lib/verdict.ts';
import type { RunContext } from '../context.ts';
import { type SearchOutcome, searchGuest } from './search.ts';
import { STRATEGY_NAMES } from './strategies.ts';

/** As long as a person would wait for it, of one guest. */
const SECONDS = 120;
const SCHEDULES = 10_000;
/** One is what a search is made of: the shorter a schedule, the more of them, and the less there is in a capsule. */
const TRIALS = { control: 1, guarded: 1, honest: 1 };

/**
 * Looks for a breach of a live guest in a sealed one, where it can be had again. In a live guest it is a statistic; what
 * it was made of is gone.
 */
export async function searchSealed(
  cell: Cell,
  live: Guest,
  attackPath: string,
  { cache, queue, ...context }: RunContext,
): Promise<SealedSearch> {
  const { seed, signal } = context;
  const work = async (): Promise<SealedSearch> => {
    const prepared = await sealed(live, cache, signal);
    if (typeof prepared === 'string') return { kind: 'impossible', reason: prepared };
    await using guest = prepared;
    if (!guest.forks) return { kind: 'impossible', reason: `QEMU ${guest.qemu.version} cannot fork a guest` };
    const outcome = await searchGuest({ ...cell, mode: 'sealed', trials: TRIALS }, guest, attackPath, {
      ...{ lane: 'guarded', seed, jobs: 1, seconds: SECONDS, schedules: SCHEDULES, whole: false },
      ...{ ...context, strategies: STRATEGY_NAMES },
    });
    return sealedSearchOf(outcome);
  };
  return queue.add(work);
}

/** What came of a search whose folder is at `place` of the run's. */
export function sealedSearchOf(
  { found, schedules, seconds, flawed }: SearchOutcome,
  place = '',
): SealedSearch {
  const rest = { seconds, ...(flawed.length > 0 && { flawed }) };
  if (!found) return { kind: 'not-found', schedules, ...rest };
  const { schedule, strategy, repeats } = found;
  return { kind: 'found', schedule, strategy, ...rest, repeats, capsule: path.join(place, found.capsule) };
}

/** The live guest's twin, or why there is none. */
async function sealed({ payload }: Guest, cache: Cache, signal: AbortSignal): Promise<Guest | string> {
  try {
    return await prepareGuest(payload, 'sealed', cache, signal);
  } catch (error) {
    if (error instanceof BootFailure) return error.message;
    throw error;
  }
}
