import { type Guest, runSchedule, type Schedule } from '../guest/index.ts';
import type { ScheduleRecord } from '../lib/events.ts';
import type { Lane } from '../lib/ids.ts';
import { limitMs } from '../lib/scenario.ts';
import type { Cell } from '../lib/verdict.ts';
import { scheduleSettings } from '../plan/index.ts';

/** One schedule to be run. */
export interface Planned {
  lane: Lane;
  index: number;
}

/** A schedule that was run, its number in the lane, and the job that it was run with. */
export interface Ran {
  record: ScheduleRecord;
  index: number;
  job: string;
}

/** What a schedule's job was made for, and what the guest lived of it. */
export function recordOf(
  { events, end, digest, seconds, firstEventSeconds }: Schedule,
  made: Pick<ScheduleRecord, 'lane' | 'seed' | 'shape' | 'trials'>,
): ScheduleRecord {
  return { ...made, events, end, digest, seconds, firstEventSeconds };
}

/** Runs a job that was made for this schedule of the cell. */
export async function runRecorded(
  cell: Cell,
  { lane, index }: Planned,
  seed: string,
  job: string,
  guest: Guest,
  signal: AbortSignal,
): Promise<Ran & { schedule: Schedule }> {
  const limitSeconds = limitMs(cell.scenario) / 1000;
  const schedule = await runSchedule(guest, job, { limitSeconds, signal });
  const { shape } = scheduleSettings(cell.scenario, lane, index);
  const record = recordOf(schedule, { lane, seed, shape, trials: cell.trials[lane] });
  return { record, index, job, schedule };
}
