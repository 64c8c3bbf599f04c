import type { Guest, Schedule } from '../guest/index.ts';
import { allOrFirstFailure } from '../lib/all.ts';
import { certificateOf } from '../lib/certificate.ts';
import type { ScheduleRecord } from '../lib/events.ts';
import { LANES, type Lane } from '../lib/ids.ts';
import { serializeJob } from '../lib/job.ts';
import type { Cell, CellEvidence, CellResult } from '../lib/verdict.ts';
import { jobCount, makeJob, scheduleSeed, seedIndex } from '../plan/index.ts';
import { writeCapsules } from './capsules.ts';
import { certifiedBreaches } from './certificates.ts';
import { type ConsolePart, writeConsole } from './console-log.ts';
import type { RunContext } from './context.ts';
import { type Planned, type Ran, runRecorded } from './recorded.ts';
import { searchSealed } from './search/sealed.ts';

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
  const ran = await runSchedules(cell, setting, context, consoles);
  const records = ran.map(({ record }) => record);
  const console = await writeConsole(context.outDir, cell.id, consoles);
  const { guest } = setting;
  const breaches = await certifiedBreaches(cell, guest, ran, context);
  const capsules = setting.deterministic === false ? [] : await writeCapsules(context, cell, guest, breaches);
  const isGuarded = breaches.some(({ ran: { record } }) => record.lane === 'guarded');
  const sealedSearch =
    cell.mode === 'live' && isGuarded
      ? await searchSealed(cell, guest, setting.attackPath, context)
      : undefined;
  if (sealedSearch?.kind === 'found') capsules.push(sealedSearch.capsule);
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
    capsules,
    sealedSearch,
    certificates: breaches.flatMap(({ ran: { record }, repeats }) =>
      repeats ? [certificateOf(record.seed, repeats)] : [],
    ),
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
): Promise<Ran[]> {
  const planned = LANES.flatMap((lane) =>
    Array.from({ length: jobCount(cell, lane) }, (_, index): Planned => ({ lane, index })),
  );
  const ran: Ran[] = [];
  const done: Record<Lane, number> = { control: 0, guarded: 0, honest: 0 };
  let stopped = false;
  const one = async (plan: Planned) => {
    context.signal.throwIfAborted();
    if (stopped) return;
    const { schedule, ...one } = await runOne(cell, plan, setting, context);
    const { record } = one;
    ran.push(one);
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
  return ran;
}

async function runOne(
  cell: Cell,
  plan: Planned,
  { guest, attackPath }: CellSetting,
  context: RunContext,
): Promise<Ran & { schedule: Schedule }> {
  const seed = scheduleSeed(context.seed, cell.id, seedIndex(cell.scenario, plan.lane, plan.index));
  const job = jobText(cell, plan, seed, attackPath);
  return runRecorded(cell, plan, seed, { job, before: [] }, guest, context.signal);
}

/** The backend that the warden says it uses; both, as `notify+trace`, where they are compared. */
function backendOf(records: readonly ScheduleRecord[]): string | null {
  const started = records.flatMap(({ events }) =>
    events.flatMap((event) => (event.from === 'warden' && event.event === 'started' ? [event.backend] : [])),
  );
  return started.length > 0 ? [...new Set(started)].sort().join('+') : null;
}
