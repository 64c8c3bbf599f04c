import { BootFailure, bootKey, certify, type Guest, prepareGuest, withoutForks } from '../guest/index.ts';
import { allOrFirstFailure } from '../lib/all.ts';
import { LabError } from '../lib/errors.ts';
import type { ScheduleEnd } from '../lib/events.ts';
import { type Mode, type Target, targetName } from '../lib/ids.ts';
import { limitSecondsOf } from '../lib/job.ts';
import type { Payload } from '../lib/payload.ts';
import { backendOf, obstacleTo, underBackend, usedBackend } from '../lib/scenario.ts';
import type { Cell, CellEvidence, CellResult, Unavailable } from '../lib/verdict.ts';
import { isPlannedAlike, scheduleSeed } from '../plan/index.ts';
import { writeConsole } from './console-log.ts';
import type { RunContext } from './context.ts';
import { type CellSetting, closeCell, jobText, runCell } from './run-cell.ts';

export type Provisioned = { ok: true; payload: Payload } | { ok: false; reason: string; hint: string };

/** Makes one target ready and runs its cells; a target that cannot be had or does not boot takes only its own cells along. */
export async function runTarget(
  target: Target,
  cells: readonly Cell[],
  provision: () => Promise<Provisioned>,
  context: RunContext,
): Promise<CellResult[]> {
  const provisioned = await provision();
  const { kept, left } = split(cells, provisioned, context);
  for (const result of kept) context.onProgress({ kind: 'cell-done', result });
  return [...kept, ...(await runLeft(target, left, provisioned, context))];
}

/**
 * What an earlier part of the run has seen stands, if the cell is still planned so and the target boots with the very same;
 * where that cannot be told because the target cannot be had any more, too. What was not evidence, only trouble, is tried again.
 */
function split(cells: readonly Cell[], provisioned: Provisioned, { past, qemu }: RunContext) {
  const kept: CellResult[] = [];
  const left: Cell[] = [];
  for (const cell of cells) {
    const result = past?.results.get(cell.id);
    const payload = past?.payloads.get(targetName(cell));
    const boots = !provisioned.ok || booted(provisioned.payload, cell.mode, qemu) === payload;
    const same = isPlannedAlike(result, cell) && boots;
    if (result && same && result.verdict !== 'unavailable' && result.verdict !== 'error') kept.push(result);
    else left.push(cell);
  }
  return { kept, left };
}

const booted = (payload: Payload, mode: Mode, qemu: RunContext['qemu']): string =>
  bootKey(payload, mode, { version: qemu.get(payload.target.arch) ?? 'none' });

async function runLeft(
  target: Target,
  cells: readonly Cell[],
  provisioned: Provisioned,
  context: RunContext,
): Promise<CellResult[]> {
  const [first] = cells;
  if (!first) return [];
  if (!provisioned.ok) {
    const unavailable: Unavailable = { reason: provisioned.reason, hint: provisioned.hint };
    return closeAll(cells, context, { unavailable });
  }
  const { payload } = provisioned;
  const inputs = booted(payload, first.mode, context.qemu);
  context.inputs.set(targetName(target), inputs);
  await context.journal.append({ kind: 'target', target: targetName(target), payload: inputs });
  const prepared = await bootOnce(target, payload, first.mode, context);
  if (!prepared.ok) {
    const { bootFailure, consoleLines } = prepared;
    const part = { title: `boot of ${targetName(target)}`, lines: consoleLines };
    return allOrFirstFailure(
      cells.map(async (cell) => {
        const console = await writeConsole(context.outDir, cell.id, [part]);
        const { kernelSource } = payload;
        return closeCell(context, {
          ...without(cell),
          kernelSource,
          bootFailure,
          ...(console ? { console } : {}),
        });
      }),
    );
  }
  await using guest = prepared.guest;
  return await runCells(cells, guest, context);
}

/** Evidence of a cell that nothing was run for. */
export const without = (cell: Cell): CellEvidence => ({
  cell,
  records: [],
  features: null,
  kernelRelease: null,
  backend: null,
  seconds: 0,
  deterministic: null,
});

const closeAll = (
  cells: readonly Cell[],
  context: RunContext,
  more: Partial<CellEvidence>,
): Promise<CellResult[]> =>
  allOrFirstFailure(cells.map((cell) => closeCell(context, { ...without(cell), ...more })));

type Boot =
  | { ok: true; guest: Guest }
  | { ok: false; bootFailure: Exclude<ScheduleEnd, { kind: 'finished' }>; consoleLines: readonly string[] };

async function bootOnce(
  target: Target,
  payload: Payload,
  mode: Cell['mode'],
  context: RunContext,
): Promise<Boot> {
  const progress = { kind: 'provision', target: targetName(target), step: 'checkpoint' } as const;
  const work = async (): Promise<Boot> => {
    context.onProgress({ ...progress, state: 'started' });
    try {
      const guest = await prepareGuest(payload, mode, context.cache, context.signal);
      if (mode === 'sealed' && !guest.forks) {
        const text = `QEMU ${guest.qemu.version} cannot fork: each schedule boots from cold and takes many times as long; \`npm run doctor\` says how to get a newer one`;
        context.onProgress({ kind: 'note', text });
      }
      context.onProgress({ ...progress, state: 'done', detail: `QEMU ${guest.qemu.version}` });
      return { ok: true, guest };
    } catch (error) {
      if (!(error instanceof BootFailure)) throw error;
      context.onProgress({ ...progress, state: 'failed', detail: error.message });
      const { end, console } = error.heard;
      const bootFailure = end.kind === 'finished' ? { kind: 'error' as const, detail: error.message } : end;
      return { ok: false, bootFailure, consoleLines: console };
    }
  };
  return context.queue.add(work, { priority: 1 });
}

async function runCells(planned: readonly Cell[], guest: Guest, context: RunContext): Promise<CellResult[]> {
  const cells = planned.map((cell) => onThisKernel(cell, guest));
  const trust = await certified(cells, guest, context);
  const work = cells.map((cell) => {
    const attack = guest.payload.attacks.get(cell.scenario.id);
    if (!attack)
      throw new LabError(`${cell.id}: its attack is not in the payload`, { code: 'attack-missing' });
    const base = {
      ...{ features: guest.ready.features, kernelRelease: guest.ready.release },
      kernelSource: guest.payload.kernelSource,
    };
    if (!attack.ok) return closeCell(context, { ...without(cell), ...base, attackError: attack.message });
    if (lacks(cell, guest)) return closeCell(context, { ...without(cell), ...base });
    return runCell(cell, { ...trust, attackPath: attack.path }, context);
  });
  return allOrFirstFailure(work);
}

/** Only now it is known which backend the warden will use, and so which shapes there are. */
const onThisKernel = (cell: Cell, { ready }: Guest): Cell => ({
  ...cell,
  scenario: underBackend(cell.scenario, usedBackend(backendOf(cell.scenario, cell.backend), ready.features)),
});

/** Then judge says `unsupported` from the same features, and running it would only cost time. */
const lacks = ({ scenario, backend }: Cell, guest: Guest): boolean =>
  obstacleTo(scenario, backend, guest.ready.features) !== undefined;

/** Finds out whether forks of this guest can be trusted, and falls back to cold boots when they cannot. */
async function certified(
  cells: readonly Cell[],
  guest: Guest,
  context: RunContext,
): Promise<Omit<CellSetting, 'attackPath'>> {
  if (!guest.forks) {
    const notes =
      guest.mode === 'sealed'
        ? [`QEMU ${guest.qemu.version} cannot fork: each schedule booted from cold`]
        : [];
    return { guest, deterministic: null, notes };
  }
  for (const cell of cells) {
    const attack = guest.payload.attacks.get(cell.scenario.id);
    if (!attack?.ok || lacks(cell, guest)) continue;
    const job = jobText(
      cell,
      { lane: 'control', index: 0 },
      scheduleSeed(context.seed, cell.id, 0),
      attack.path,
    );
    const options = { limitSeconds: limitSecondsOf(job), signal: context.signal };
    const deterministic = await context.queue.add(() => certify(guest, job, context.cache, options), {
      priority: 1,
    });
    if (deterministic !== false) return { guest, deterministic, notes: [] };
    const notes = ['two forks of one seed differed: each schedule booted from cold'];
    return { guest: withoutForks(guest), deterministic, notes };
  }
  return { guest, deterministic: null, notes: [] };
}
