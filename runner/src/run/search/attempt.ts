import type { Guest } from '../../guest/index.ts';
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
}

/** A schedule with levers, as it was run. */
export interface Attempt extends Ran, Plan {}

export const seedOf = ({ seed, cell }: Field, index: number): string => scheduleSeed(seed, cell.id, index);

export async function runAttempt(field: Field, plan: Plan): Promise<Attempt> {
  const { lane, guest, signal } = field;
  const { index, seed, levers, trials = field.cell.trials[lane] } = plan;
  const cell = { ...field.cell, trials: { ...field.cell.trials, [lane]: trials } };
  const job = serializeJob(
    // Its first schedule looks for leaks, which takes time that a search has a better use for.
    { ...makeJob(cell, lane, index, seed, field.attackPath, levers), leaks: false },
    cell.scenario.id,
  );
  const ran = await runRecorded(cell, { lane, index }, seed, job, guest, signal);
  return { index, seed, levers, trials, record: ran.record, job };
}
