import { type Guest, runSchedule, type Schedule } from '../guest/index.ts';
import { allOrFirstFailure } from '../lib/all.ts';
import type { ScheduleRecord } from '../lib/events.ts';
import { LANES, type Lane } from '../lib/ids.ts';
import { serializeJob } from '../lib/job.ts';
import { limitMs } from '../lib/scenario.ts';
import type { Cell, CellEvidence, CellResult } from '../lib/verdict.ts';
import { jobCount, makeJob, scheduleSeed, scheduleSettings, seedIndex } from '../plan/index.ts';
import { type ConsolePart, writeConsole } from './console-log.ts';
import type { RunContext } from './context.ts';

/** One schedule to be run. */
interface Planned {
  lane: Lane;
  index: number;
}

export interface CellSetting {
  guest: Guest;
  attackPath: string;
  deterministic: boolean | null;
  notes: readonly string[];
}

/** What is the same for a target's cells whatever becomes of them. */
export type EvidenceBase = Pick<CellEvidence, 'features' | 'kernelRelease' | 'deterministic' | 'notes'>;

/** Runs all schedules of a cell and judges it. After a schedule that did not finish no further one is started. */
export async function runCell(cell: Cell, setting: CellSetting, context: RunContext): Promise<CellResult> {
  const startedAt = performance.now();
  context.onProgress({ kind: 'cell-started', cell: cell.id });
  const consoles: ConsolePart[] = [];
  const records = await runSchedules(cell, setting, context, consoles);
  const console = await writeConsole(context.outDir, cell.id, consoles);
  const { guest } = setting;
  return closeCell(context, {
    cell,
    records,
    features: guest.ready.features,
    kernelRelease: guest.ready.release,
    kernelSource: guest.payload.kernelSource,
    backend: backendOf(records),
    seconds: (performance.now() - startedAt) / 1000,
    deterministic: setting.deterministic,
    notes: setting.notes,
    ...(console === undefined ? {} : { console }),
  });
}

/** Judges a cell, writes it down and tells it. */
export async function closeCell(context: RunContext, evidence: CellEvidence): Promise<CellResult> {
  const result = context.judge(evidence);
  await context.journal.append({ kind: 'cell', result });
  context.onProgress({ kind: 'cell-done', result });
  return result;
}

/** A schedule's job as the mailbox takes it. */
export function jobText(cell: Cell, { lane, index }: Planned, seed: string, attackPath: string): string {
  return serializeJob(makeJob(cell, lane, index, seed, attackPath), cell.scenario.id);
}

async function runSchedules(
  cell: Cell,
  setting: CellSetting,
  context: RunContext,
  consoles: ConsolePart[],
): Promise<ScheduleRecord[]> {
  const planned = LANES.flatMap((lane) =>
    Array.from({ length: jobCount(cell, lane) }, (_, index): Planned => ({ lane, index })),
  );
  const records: ScheduleRecord[] = [];
  const done: Record<Lane, number> = { control: 0, guarded: 0, honest: 0 };
  let stopped = false;
  const one = async (plan: Planned) => {
    context.signal.throwIfAborted();
    if (stopped) return;
    const { record, schedule } = await runOne(cell, plan, setting, context);
    records.push(record);
    stopped ||= record.end.kind !== 'finished';
    consoles.push({ title: `${plan.lane} ${plan.index}, seed ${record.seed}`, lines: schedule.console });
    await context.journal.append({ kind: 'schedule', cell: cell.id, index: plan.index, record });
    done[plan.lane] += 1;
    const progress = {
      cell: cell.id,
      lane: plan.lane,
      done: done[plan.lane],
      total: jobCount(cell, plan.lane),
    };
    context.onProgress({ kind: 'schedule-done', ...progress });
  };
  await allOrFirstFailure(planned.map((plan) => context.queue.add(() => one(plan))));
  return records;
}

async function runOne(
  cell: Cell,
  plan: Planned,
  setting: CellSetting,
  context: RunContext,
): Promise<{ record: ScheduleRecord; schedule: Schedule }> {
  const seed = scheduleSeed(context.seed, cell.id, seedIndex(cell.scenario, plan.lane, plan.index));
  const schedule = await runSchedule(setting.guest, jobText(cell, plan, seed, setting.attackPath), {
    limitSeconds: limitMs(cell.scenario) / 1000,
    signal: context.signal,
  });
  const record: ScheduleRecord = {
    lane: plan.lane,
    seed,
    shape: scheduleSettings(cell.scenario, plan.lane, plan.index).shape,
    trials: cell.trials[plan.lane],
    events: schedule.events,
    end: schedule.end,
    digest: schedule.digest,
    seconds: schedule.seconds,
    firstEventSeconds: schedule.firstEventSeconds,
  };
  return { record, schedule };
}

/** The backend that the warden says it uses; both, as `notify+trace`, where they are compared. */
function backendOf(records: readonly ScheduleRecord[]): string | null {
  const started = records.flatMap(({ events }) =>
    events.flatMap((event) => (event.from === 'warden' && event.event === 'started' ? [event.backend] : [])),
  );
  return started.length > 0 ? [...new Set(started)].sort().join('+') : null;
}
