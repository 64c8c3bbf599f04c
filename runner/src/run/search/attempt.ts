import type { Guest, Series } from '../../guest/index.ts';
import type { Hook } from '../../lib/hooks/index.ts';
import { serializeJob } from '../../lib/job.ts';
import type { Cell } from '../../lib/verdict.ts';
import { makeJob, scheduleSeed } from '../../plan/index.ts';
import { type Ran, runRecorded } from '../recorded.ts';

/** Where a search takes place. */
export interface Field {
  cell: Cell;
  lane: 'guarded' | 'control';
  guest: Guest;
  attackPath: string;
  seed: string;
  signal: AbortSignal;
}

export interface Plan {
  /** Says which shape, as in a run. */
  index: number;
  seed: string;
  levers: readonly Hook[];
  /** The cell's unless said. */
  trials?: number;
  /** What its guest is to have behind it; nothing unless said. */
  before?: readonly string[];
}

/** A schedule with levers, as it was run. */
export interface Attempt extends Ran, Plan {
  before: readonly string[];
}

export const seedOf = ({ seed, cell }: Field, index: number): string => scheduleSeed(seed, cell.id, index);

/** Runs it in a guest of its own, or goes on in that of the series. */
export async function runAttempt(field: Field, plan: Plan, series?: Series): Promise<Attempt> {
  const { lane, guest, signal } = field;
  const { index, seed, levers, trials = field.cell.trials[lane] } = plan;
  const before = series ? [...series.before] : (plan.before ?? []);
  const cell = { ...field.cell, trials: { ...field.cell.trials, [lane]: trials } };
  const job = serializeJob(
    // Its first schedule looks for leaks, which takes time that a search has a better use for.
    { ...makeJob(cell, lane, index, seed, field.attackPath, levers), leaks: false },
    cell.scenario.id,
  );
  const { record } = await runRecorded(cell, { lane, index }, seed, { job, before }, guest, signal, series);
  return { index, seed, levers, trials, record, job, before };
}
