import { cpus } from 'node:os';
import PQueue from 'p-queue';
import { findQemu } from '../guest/index.ts';
import { allOrFirstFailure } from '../lib/all.ts';
import { cacheRoot, openCache } from '../lib/cache.ts';
import { type Arch, type Target, targetName } from '../lib/ids.ts';
import { machines } from '../lib/machines/index.ts';
import type { OnProgress } from '../lib/progress.ts';
import type { Scenario } from '../lib/scenario.ts';
import { sweepTemporaryFolders } from '../lib/temporary.ts';
import type { Cell, CellResult, Judge, Render, RunInfo, RunOutcome, Shard, Weigh } from '../lib/verdict.ts';
import { RESULTS_SCHEMA } from '../lib/verdict.ts';
import { type Catalogue, type KernelSources, provisionTarget } from '../provision/index.ts';
import type { RunContext } from './context.ts';
import { Journal } from './journal.ts';
import { closeCell } from './run-cell.ts';
import { runTarget, without } from './run-target.ts';

export { benchFork } from './bench/fork.ts';
export { benchHooks, benchLearn, benchWarden, type PlacesBenchOptions, type Where } from './bench/places.ts';
export type { Bench, BenchRow } from './bench/rows.ts';
export { JOURNAL, type JournalEntry } from './journal.ts';
export { learn } from './learn.ts';
export { type Difference, type ReplayOutcome, replay } from './replay.ts';
export type { Person, Stub } from './replay-person.ts';
export { sealedSearchOf } from './search/sealed.ts';
export { type Found, type SearchOptions, type SearchOutcome, search } from './search/search.ts';
export { STRATEGY_NAMES } from './search/strategies.ts';
export { openShell } from './shell.ts';

export interface RunOptions {
  runId: string;
  cells: readonly Cell[];
  /** All scenarios there are: a payload holds every attack, so that choosing cells does not change it. */
  scenarios: readonly Scenario[];
  profile: string;
  seed: string;
  outDir: string;
  jobs: number;
  /** Build and download nothing. */
  ready: boolean;
  command: string;
  signal: AbortSignal;
  onProgress: OnProgress;
  env: NodeJS.ProcessEnv;
  catalogue: Catalogue;
  /** Where the user's own sources of kernels are. */
  kernelSources: KernelSources;
  judge: Judge;
  weigh: Weigh;
  render: Render;
  /** For the journal: what the run was asked for, and where, so that it can be planned again. */
  asked: { flags: Readonly<Record<string, unknown>>; cwd: string };
  /** Flags that a cell is run again with. */
  rerun: readonly string[];
  /** The part of the plan that `cells` are; left out for all of it. */
  shard?: Shard | undefined;
  /** What an earlier part of this very run has seen; it is not run again. */
  past?: Past | undefined;
}

export interface Past {
  startedAt: string;
  /** By target: what it booted with and on, as the journal has it. */
  payloads: ReadonlyMap<string, string>;
  results: ReadonlyMap<string, CellResult>;
}

/** Runs the cells of a plan, target by target beside each other, and gives their results in the plan's order. */
export async function runMatrix(options: RunOptions): Promise<RunOutcome> {
  const now = new Date().toISOString();
  const clock = performance.now();
  await sweepTemporaryFolders();
  const groups = byTarget(options.cells);
  // Without QEMU there is no run at all: not to be found out after all that can be downloaded and built.
  const qemu = await qemuVersions(groups, options.signal);
  await using journal = await Journal.open(options.outDir);
  const { runId: id, command, seed, profile, cells, past, asked } = options;
  const { rerun, shard } = options;
  const run = {
    ...{ id, startedAt: past?.startedAt ?? now, command, seed, profile, rerun },
    ...(shard && { shard }),
  };
  const claims = claimsOf(cells);
  if (past)
    await journal.append({ kind: 'resumed', startedAt: now, plans: plansOf(cells), scenarios: claims });
  else
    await journal.append({
      kind: 'run',
      schema: RESULTS_SCHEMA,
      run,
      ...asked,
      scenarios: claims,
      cells: cells.map((cell) => cell.id),
    });
  options.onProgress({
    kind: 'planned',
    runId: id,
    cells: cells.map((cell) => cell.id),
    targets: groups.map(({ target }) => targetName(target)),
  });
  const context: RunContext = {
    seed,
    outDir: options.outDir,
    signal: options.signal,
    onProgress: options.onProgress,
    judge: options.judge,
    weigh: options.weigh,
    render: options.render,
    qemu,
    cache: openCache(options.env),
    journal,
    past,
    inputs: new Map(past?.payloads),
    queue: new PQueue({ concurrency: options.jobs }),
  };
  const results = await allOrFirstFailure(groups.map((group) => runGroup(group, context, options)));
  options.signal.throwIfAborted();
  const info: RunInfo = {
    ...run,
    seconds: (performance.now() - clock) / 1000,
    host: { qemu: [...new Set(qemu.values())].join(', ') || 'none', cores: cpus().length },
  };
  const targets = Object.fromEntries([...context.inputs].map(([target, inputs]) => [target, { inputs }]));
  return { run: info, cells: inOrder(cells, results.flat()), scenarios: claims, targets };
}

const claimsOf = (cells: readonly Cell[]): RunOutcome['scenarios'] =>
  Object.fromEntries(cells.map(({ scenario: { id, claim } }) => [id, { claim }]));

const plansOf = (cells: readonly Cell[]): Record<string, string> =>
  Object.fromEntries(cells.flatMap(({ id, plan }) => (plan === undefined ? [] : [[id, plan]])));

interface Group {
  target: Target;
  cells: Cell[];
}

function byTarget(cells: readonly Cell[]): Group[] {
  const groups = new Map<string, Group>();
  for (const cell of cells) {
    const target = { arch: cell.arch, kernel: cell.kernel };
    const group = groups.get(targetName(target)) ?? { target, cells: [] };
    group.cells.push(cell);
    groups.set(targetName(target), group);
  }
  return [...groups.values()];
}

function runGroup({ target, cells }: Group, context: RunContext, options: RunOptions): Promise<CellResult[]> {
  const impossible = cells.filter((cell) => cell.unavailable);
  if (impossible.length > 0) {
    return allOrFirstFailure(impossible.map((cell) => closeCell(context, without(cell))));
  }
  const { scenarios, ready, signal, onProgress, env, catalogue, kernelSources } = options;
  const provision = () =>
    provisionTarget(target, {
      scenarios,
      ready,
      signal,
      onProgress,
      env,
      catalogue,
      kernelSources,
      cacheRoot: cacheRoot(env),
    });
  return runTarget(target, cells, provision, context);
}

function inOrder(cells: readonly Cell[], results: readonly CellResult[]): CellResult[] {
  const byId = new Map(results.map((result) => [result.id, result]));
  return cells.flatMap((cell) => byId.get(cell.id) ?? []);
}

async function qemuVersions(
  groups: readonly Group[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Arch, string>> {
  const possible = groups.filter(({ cells }) => cells.some((cell) => !cell.unavailable));
  const arches = new Set<Arch>(possible.map(({ target }) => target.arch));
  const versions = new Map<Arch, string>();
  for (const arch of arches) versions.set(arch, (await findQemu(machines[arch], signal)).version);
  return versions;
}
