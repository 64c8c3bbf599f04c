import { type Guest, runSchedule, type Schedule, type Series } from '../guest/index.ts';
import type { ScheduleRecord } from '../lib/events.ts';
import type { Lane } from '../lib/ids.ts';
import { limitSecondsOf } from '../lib/job.ts';
import type { Cell } from '../lib/verdict.ts';
import { scheduleSettings } from '../plan/index.ts';

/** One schedule to be run. */
export interface Planned {
  lane: Lane;
  index: number;
}

/** What a guest runs for a schedule. */
export interface JobText {
  job: string;
  /** What it has run before, since its checkpoint: nothing, but where a search goes on in one guest. */
  before: readonly string[];
}

/** A schedule that was run, its number in the lane, and the job that it was run with. */
export interface Ran extends JobText {
  record: ScheduleRecord;
  index: number;
}

/** What a schedule's job was made for, and what the guest lived of it. */
export function recordOf(
  { events, end, digest, seconds, firstEventSeconds }: Schedule,
  made: Pick<ScheduleRecord, 'lane' | 'seed' | 'shape' | 'trials'>,
): ScheduleRecord {
  return { ...made, events, end, digest, seconds, firstEventSeconds };
}

/** Runs a job that was made for this schedule of the cell; a guest of its own unless another is at hand. */
export async function runRecorded(
  cell: Cell,
  { lane, index }: Planned,
  seed: string,
  { job, before }: JobText,
  guest: Guest,
  signal: AbortSignal,
  series?: Series,
): Promise<Ran & { schedule: Schedule }> {
  const schedule = await (series
    ? series.run(job, { limitSeconds: limitSecondsOf(job), signal })
    : runSchedule(guest, job, { limitSeconds: limitSecondsOf(job, ...before), before, signal }));
  const { shape } = scheduleSettings(cell.scenario, lane, index);
  const record = recordOf(schedule, { lane, seed, shape, trials: cell.trials[lane] });
  return { record, index, job, before, schedule };
}
