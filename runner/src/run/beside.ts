import type { Schedule } from '../guest/index.ts';
import type { Capsule } from '../lib/capsule.ts';
import type { ScheduleRecord } from '../lib/events.ts';
import { jobSchema, serializeJob } from '../lib/job.ts';
import { withSeed } from '../plan/index.ts';
import { recordOf } from './recorded.ts';

/** How many other seeds are tried: an attack that hardly ever fails is not worth more. */
const MOST_SEEDS = 8;

export interface Beside {
  /** How many other seeds were run. */
  tried: number;
  /** The first schedule that passed; null when none of them did. */
  record: ScheduleRecord | null;
}

/** A run of the capsule's job, or of the same job with another seed. */
export function recordOfCapsule(
  { lane, shape, expected: { trials } }: Capsule,
  schedule: Schedule,
  seed: string,
): ScheduleRecord {
  return recordOf(schedule, { lane, shape, trials, seed });
}

/** Looks for a seed, from the capsule's own upwards, with which the same job passes. */
export async function runBeside(
  capsule: Capsule,
  run: (job: string) => Promise<Schedule>,
  passes: (record: ScheduleRecord) => boolean,
): Promise<Beside> {
  const job = jobSchema.parse(JSON.parse(capsule.job));
  for (let tried = 1; tried <= MOST_SEEDS; tried++) {
    const other = withSeed(job, capsule.arch, BigInt.asUintN(64, BigInt(job.seed) + BigInt(tried)));
    const schedule = await run(serializeJob(other, capsule.scenario));
    const record = recordOfCapsule(capsule, schedule, other.seed);
    if (passes(record)) return { tried, record };
  }
  return { tried: MOST_SEEDS, record: null };
}
