import { UserError } from '../lib/errors.ts';
import {
  ARCHES,
  type Arch,
  type Backend,
  cellId,
  type KernelId,
  kernelIdSchema,
  type Lane,
  type Mode,
} from '../lib/ids.ts';
import {
  comparesShapes,
  isAboutWarden,
  limitMs,
  type PerLane,
  type Scenario,
  shapesOf,
} from '../lib/scenario.ts';
import type { Cell, Shard } from '../lib/verdict.ts';
import { cellHash } from './cell-hash.ts';
import { type Amount, expectedVerdict, type MatrixFile, type Profile } from './matrix-file.ts';
import { oneOf, selectNames } from './names.ts';

/** A line of the kernel catalogue, as far as planning needs it. */
export interface KnownKernel {
  id: string;
  arches: readonly string[];
  /** A pattern that means others as well does not mean it. */
  aside?: boolean;
  /** How many times as long as on others everything takes; 1 unless said. */
  slowness?: number;
}

/** What was asked for; everything that is left out comes from the profile. Names may be globs. */
export interface PlanRequest {
  profile: string;
  arches?: readonly string[] | undefined;
  kernels?: readonly string[] | undefined;
  scenarios?: readonly string[] | undefined;
  backend: Backend;
  mode: Mode;
  /** The same number for every lane. */
  schedules?: number | undefined;
  trials?: number | undefined;
  shard?: Shard | undefined;
}

export interface PlanSources {
  scenarios: readonly Scenario[];
  /** Scenarios that come from the user's own folders: a profile's globs do not leave them out. */
  ownScenarios: ReadonlySet<string>;
  matrix: MatrixFile;
  kernels: readonly KnownKernel[];
}

/** The cells of a whole plan: targets in the catalogue's order, and for each of them the scenarios by name. */
export function planCells(request: PlanRequest, sources: PlanSources): Cell[] {
  const profile = profileNamed(request.profile, sources.matrix);
  const scenarios = chosenScenarios(request, profile, sources);
  const targets = chosenTargets(request, profile, sources.kernels);
  return targets.flatMap((target) =>
    scenarios.map((scenario) => makeCell(scenario, target, request, profile, sources.matrix)),
  );
}

function profileNamed(name: string, matrix: MatrixFile): Profile {
  const known = Object.keys(matrix.profiles);
  const profile = matrix.profiles[oneOf('profile', name, known)];
  if (!profile) throw new Error(`profile ${name} was listed and is not there`);
  return profile;
}

function chosenScenarios(request: PlanRequest, profile: Profile, sources: PlanSources): Scenario[] {
  const known = sources.scenarios.map((scenario) => scenario.id);
  const names = new Set<string>(selectNames('scenario', request.scenarios ?? profile.scenarios, known));
  const wanted = ({ id }: Scenario): boolean =>
    names.has(id) || (!request.scenarios && sources.ownScenarios.has(id));
  return sources.scenarios.filter(wanted);
}

interface PlannedTarget {
  arch: Arch;
  kernel: KernelId;
  slowness: number;
  /** Not in the catalogue, but asked for. */
  missing: boolean;
}

/**
 * A pair that the catalogue does not have is left out of a product that nobody spelled out: `debian-6.1` is simply
 * not made for `mips`. It stays, as `unavailable`, when it was asked for: when both its arch and its kernel were
 * named, or when the one that was named would otherwise vanish from the matrix altogether.
 */
function chosenTargets(
  request: PlanRequest,
  profile: Profile,
  kernels: readonly KnownKernel[],
): PlannedTarget[] {
  const kernelIds = kernels.map(({ id }) => kernelIdSchema.parse(id));
  const arches = selectNames('arch', request.arches ?? profile.arches, ARCHES);
  const usual = kernelIds.filter((kernel) => !kernels.some(({ id, aside }) => id === kernel && aside));
  const chosen = chosenKernels(request.kernels ?? profile.kernels, kernelIds, usual);
  const has = (arch: Arch, kernel: KernelId): boolean =>
    kernels.some(({ id, arches: list }) => id === kernel && list.includes(arch));
  const spelledOut = (names?: readonly string[]): Set<string> => new Set(names);
  const namedArches = spelledOut(request.arches);
  const namedKernels = spelledOut(request.kernels);
  const asked = (arch: Arch, kernel: KernelId): boolean => {
    if (namedArches.has(arch) && namedKernels.has(kernel)) return true;
    if (namedArches.has(arch) && !chosen.some((other) => has(arch, other))) return true;
    return namedKernels.has(kernel) && !arches.some((other) => has(other, kernel));
  };
  const targets = chosen.flatMap((kernel) => {
    const slowness = kernels.find(({ id }) => id === kernel)?.slowness ?? 1;
    return arches.map((arch) => ({ arch, kernel, slowness, missing: !has(arch, kernel) }));
  });
  const kept = targets.filter(({ arch, kernel, missing }) => !missing || asked(arch, kernel));
  if (kept.length > 0) return kept;
  throw new UserError(`none of ${chosen.join(', ')} is there for any of ${arches.join(', ')}`, {
    code: 'no-targets',
    hint: '`npm run kernels -- list` shows which kernel is there for which arch',
  });
}

function chosenKernels(
  wanted: readonly string[],
  known: readonly KernelId[],
  usual: readonly KernelId[],
): KernelId[] {
  const chosen = wanted.flatMap((want) => {
    const meant = selectNames('kernel', [want], known);
    const among = meant.filter((kernel) => usual.includes(kernel));
    return among.length > 0 ? among : meant;
  });
  return known.filter((kernel) => chosen.includes(kernel));
}

function makeCell(
  scenario: Scenario,
  target: PlannedTarget,
  request: PlanRequest,
  profile: Profile,
  matrix: MatrixFile,
): Cell {
  const { arch, kernel } = target;
  const id = cellId(scenario.id, target, request.backend);
  const cell: Cell = {
    id,
    scenario: target.slowness > 1 ? allowing(scenario, target.slowness) : scenario,
    arch,
    kernel,
    backend: request.backend,
    mode: request.mode,
    schedules: schedulesOf(scenario, request, profile),
    trials: amountOf(scenario.trials, request.trials, profile.trials),
    expected: expectedVerdict(matrix, id),
  };
  const planned = { ...cell, plan: cellHash(cell) };
  if (!target.missing) return planned;
  const reason = `the catalogue has no ${kernel} for ${arch}`;
  const hint = '`npm run kernels -- list` shows which kernel is there for which arch';
  return { ...planned, unavailable: { reason, hint } };
}

/** The scenario with so many times its limit: what a slow kernel needs is no hang. */
const allowing = (scenario: Scenario, slowness: number): Scenario => ({
  ...scenario,
  limit: `${Math.ceil((limitMs(scenario) / 1000) * slowness)}s`,
});

/**
 * A profile says nothing of shapes, and what is held in one is not held in another. Of hooks one
 * schedule of each shape shows as well what it does in the other lanes.
 */
function schedulesOf(scenario: Scenario, request: PlanRequest, profile: Profile): PerLane {
  const amount = amountOf(scenario.schedules, request.schedules, profile.schedules);
  if (request.schedules !== undefined || comparesShapes(scenario)) return amount;
  const covering = (lane: Lane): number =>
    Math.max(amount[lane], Object.keys(shapesOf(scenario, lane)).length);
  const guarded = covering('guarded');
  if (isAboutWarden(scenario)) return { ...amount, guarded };
  return { control: covering('control'), guarded, honest: covering('honest') };
}

function amountOf(own: PerLane, flag: number | undefined, profile: Amount): PerLane {
  if (flag !== undefined) return { control: flag, guarded: flag, honest: flag };
  if (typeof profile !== 'number') return profile;
  const scaled = (value: number): number => Math.max(1, Math.round(value * profile));
  return { control: scaled(own.control), guarded: scaled(own.guarded), honest: scaled(own.honest) };
}

export function shardOf(cells: readonly Cell[], { index, count }: Shard): Cell[] {
  const own = cells.filter((_, position) => position % count === index - 1);
  if (own.length > 0) return own;
  throw new UserError(`shard ${index}/${count} is empty: there are only ${cells.length} cells`, {
    code: 'empty-shard',
    hint: `use at most ${cells.length} shards`,
  });
}
