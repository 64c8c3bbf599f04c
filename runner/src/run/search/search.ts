import PQueue from 'p-queue';
import { bootKey, type Guest, prepareGuest, Series } from '../../guest/index.ts';
import { allOrFirstFailure } from '../../lib/all.ts';
import { cacheRoot, openCache } from '../../lib/cache.ts';
import { TIMELINE_SUFFIX, TRACE_SUFFIX } from '../../lib/capsule.ts';
import type { Repeats } from '../../lib/certificate.ts';
import { Draw } from '../../lib/draw.ts';
import { LabError, UserError } from '../../lib/errors.ts';
import type { FlawCount } from '../../lib/flaw.ts';
import type { OnProgress } from '../../lib/progress.ts';
import { backendOf, obstacleTo, shapesOf, underBackend, usedBackend } from '../../lib/scenario.ts';
import type { Cell, Render, Weigh, Weighed } from '../../lib/verdict.ts';
import { makeJob, scheduleSettings } from '../../plan/index.ts';
import { provisionTarget } from '../../provision/index.ts';
import { capsuleOf, writeBeside, writeCapsule } from '../capsules.ts';
import { repeat } from '../certificates.ts';
import type { TargetOptions } from '../target-options.ts';
import { type Attempt, type Field, runAttempt, seedOf } from './attempt.ts';
import { type Breaching, fewestBefore, minimise } from './minimise.ts';
import { Portfolio, type StrategyRow } from './portfolio.ts';
import { LOOKOUT, lookout, sightingOf, withoutLookout } from './sighting.ts';
import { type Sighting, STRATEGIES, type Strategy } from './strategies.ts';

/** How a prepared guest is searched. */
export interface HuntOptions {
  lane: 'guarded' | 'control';
  /** Where the seeds of all schedules come from. */
  seed: string;
  /** Guests at once. */
  jobs: number;
  /** Wall seconds that it may take behind its lookout, and how many schedules, whichever is over first. */
  seconds: number;
  schedules: number;
  strategies: readonly string[];
  /** Goes on after the first breach, to compare strategies. */
  whole: boolean;
  outDir: string;
  signal: AbortSignal;
  onProgress: OnProgress;
  weigh: Weigh;
  render: Render;
}

export interface SearchOptions extends TargetOptions, HuntOptions {
  /** In sealed mode; its `trials` are those of each schedule. */
  cell: Cell;
}

/** What the search has seen. */
export interface SearchOutcome {
  cell: string;
  lane: 'guarded' | 'control';
  seed: string;
  /** What its guest booted with and on. */
  inputs: string;
  strategies: (StrategyRow & { about: string })[];
  /** Those that are evidence, breached or not. */
  schedules: number;
  seconds: number;
  /** The others, the worst first. */
  flawed: FlawCount[];
  found: Found | null;
}

/** The first breach. */
export interface Found {
  /** The number of its schedule, from 1 on, among all that were begun or those of the lookout; and how long it took to come to it. */
  schedule: number;
  afterSeconds: number;
  strategy: string;
  seed: string;
  /** Of repeats of the very job: how many were the same to the bit, and how many breached. */
  repeats: Repeats;
  /** Undefined when it was interrupted before. */
  smallest?: Breaching & { /** Schedules before it, in its guest. */ before: number };
  /** Relative to the search's folder. */
  capsule: string;
}

/** rr and others repeat a finding three times before they believe it. */
const REPEATS = 3;
/** Plain schedules that are looked at before the search, each with another shape. */
const SIGHTINGS = 4;
const SECONDS_PER_NOTE = 15;
/** Schedules of one guest: so many that its start hardly counts, so few that what they leave behind does not either. */
const SERIES = 16;

/** Looks for a schedule of one cell that breaches. An abort ends it early; what was seen until then is the outcome. */
export async function search(options: SearchOptions): Promise<SearchOutcome> {
  const { env, signal } = options;
  const { payload, attackPath } = await provisioned(options);
  await using guest = await prepareGuest(payload, 'sealed', openCache(env), signal);
  return await searchGuest(options.cell, guest, attackPath, options);
}

/** The same in a sealed guest that is there already. */
export async function searchGuest(
  planned: Cell,
  guest: Guest,
  attackPath: string,
  given: HuntOptions,
): Promise<SearchOutcome> {
  const { lane, seed, signal } = given;
  const options = { ...given, weigh: ofScenario(given.weigh) };
  const field: Field = { cell: runnable(planned, guest), lane, guest, attackPath, seed, signal };
  const hunt = beginHunt(field, options);
  const seen = (await untilAborted(sighted(hunt, options), signal)) ?? nothingSeen(field);
  await pursue(hunt, seen, options);
  return outcomeOf(hunt, seen, options);
}

/** Judged by what the scenario itself listens to. */
const ofScenario =
  (weigh: Weigh): Weigh =>
  (cell, record) => {
    const { scenario } = cell;
    const shape = Object.keys(shapesOf(scenario, record.lane)).indexOf(record.shape);
    const { watch } = scheduleSettings(scenario, record.lane, Math.max(0, shape));
    return weigh(cell, withoutLookout(record, watch.length));
  };

async function provisioned({ cell, ...options }: SearchOptions) {
  const { scenarios, catalogue, kernelSources, env, signal, onProgress, target } = options;
  const had = await provisionTarget(target, {
    ...{ scenarios, catalogue, kernelSources, env, signal, onProgress },
    ready: false,
    cacheRoot: cacheRoot(env),
  });
  if (!had.ok) throw new UserError(`${cell.id}: ${had.reason}`, { code: 'search-target', hint: had.hint });
  const attack = had.payload.attacks.get(cell.scenario.id);
  if (!attack?.ok) {
    throw new UserError(
      `${cell.id}: the attack could not be built: ${attack?.message ?? 'it is not there'}`,
      {
        code: 'attack-broken',
      },
    );
  }
  return { payload: had.payload, attackPath: attack.path };
}

/** The cell as this kernel has it. */
function runnable(cell: Cell, guest: Guest): Cell {
  const { features } = guest.ready;
  const obstacle = obstacleTo(cell.scenario, cell.backend, features);
  if (obstacle !== undefined) {
    throw new UserError(`${cell.id}: unsupported: ${obstacle}`, { code: 'search-unsupported' });
  }
  if (!guest.forks) {
    throw new LabError(`QEMU ${guest.qemu.version} cannot fork a guest, and a search is of forks`, {
      code: 'qemu-too-old',
      hint: '`npm run doctor` says how to get a newer one',
    });
  }
  return {
    ...cell,
    scenario: underBackend(cell.scenario, usedBackend(backendOf(cell.scenario, cell.backend), features)),
  };
}

/** What victims execute, in the kit's attacks. */
const WITNESS = 'witness';

/** Task names are cut to 15 bytes (TASK_COMM_LEN). */
const commOf = (file: string): string => (file.split('/').at(-1) ?? '').slice(0, 15);

function nothingSeen({ cell, guest, attackPath, lane, seed }: Field): Sighting {
  const holdsCalls = (guest.ready.features['hooks-hold-calls'] ?? 0) > 0;
  const [program = ''] = makeJob(cell, lane, 0, seed, attackPath).argv;
  const names = [...new Set([commOf(program), commOf(attackPath), WITNESS])];
  return { tasks: 0, calls: 0, nearMisses: [], names, holdsCalls };
}

/** What those strategies need that disturb anything. */
async function sighted(hunt: Hunt, options: HuntOptions): Promise<Sighting> {
  const { field, looksOut } = hunt;
  const nothing = nothingSeen(field);
  if (!looksOut) return nothing;
  const queue = new PQueue({ concurrency: options.jobs });
  const one = (index: number) => async () => {
    const attempt = await runAttempt(field, { index, seed: seedOf(field, index), levers: LOOKOUT });
    note(hunt, { attempt, strategy: lookout, schedule: index + 1 }, options);
    return attempt;
  };
  const indices = Array.from({ length: SIGHTINGS }, (_, index) => index);
  const attempts = await allOrFirstFailure(indices.map((index) => queue.add(one(index))));
  return sightingOf(
    attempts.map(({ record }) => record.events),
    field.cell.arch,
    nothing,
  );
}

/** Those of these names that this guest can have. */
function strategiesOf({ guest }: Field, names: readonly string[]): Strategy[] {
  const hasHooks = (guest.ready.features.hooks ?? 0) > 0;
  return STRATEGIES.filter(({ name, disturbs }) => names.includes(name) && (!disturbs || hasHooks));
}

interface Hit {
  attempt: Attempt;
  strategy: Strategy;
  schedule: number;
  afterSeconds: number;
}

/** A search that is under way. */
interface Hunt {
  field: Field;
  strategies: readonly Strategy[];
  /** Whether plain schedules are looked at first. */
  looksOut: boolean;
  portfolio: Portfolio;
  /** Seconds since it began. */
  elapsed: () => number;
  /** The first breach. */
  hit: Hit | undefined;
}

function beginHunt(field: Field, options: HuntOptions): Hunt {
  const strategies = strategiesOf(field, options.strategies);
  const looksOut = strategies.some(({ disturbs }) => disturbs);
  const portfolio = new Portfolio(strategies, new Draw(BigInt(options.seed)), looksOut ? [lookout] : []);
  const clock = performance.now();
  const elapsed = (): number => (performance.now() - clock) / 1000;
  return { field, strategies, looksOut, portfolio, elapsed, hit: undefined };
}

/** What a schedule came to, in the tallies and to whoever looks for the first breach. */
function note(hunt: Hunt, ran: Omit<Hit, 'afterSeconds'>, { weigh }: HuntOptions): Weighed {
  const weighed = weigh(hunt.field.cell, ran.attempt.record);
  hunt.portfolio.report(ran.strategy, weighed);
  if (weighed.kind === 'breached') hunt.hit ??= { ...ran, afterSeconds: hunt.elapsed() };
  return weighed;
}

/** Schedule after schedule, until one breaches or it is over. */
async function pursue(hunt: Hunt, seen: Sighting, options: HuntOptions): Promise<void> {
  const { field, portfolio, elapsed } = hunt;
  const { cell, lane, guest, signal } = field;
  const end = elapsed() + options.seconds;
  let begun = 0;
  let notedAt = elapsed();
  const over = (): boolean =>
    signal.aborted ||
    begun >= options.schedules ||
    elapsed() >= end ||
    (hunt.hit !== undefined && !options.whole);
  const one = async (series: Series): Promise<void> => {
    const schedule = ++begun;
    const strategy = portfolio.choose();
    // The first ones were looked at for the sighting.
    const index = SIGHTINGS + schedule;
    const seed = seedOf(field, index);
    const levers = strategy.levers(new Draw(BigInt(seed)), seen);
    const trials = cell.trials[lane] * strategy.trials;
    const attempt = await runAttempt(field, { index, seed, levers, trials }, series);
    checkLevers(attempt, strategy);
    const weighed = note(hunt, { attempt, strategy, schedule }, options);
    // A kernel that has found a bug in itself goes on, but not as it was.
    if (weighed.kind === 'flawed') series.renew();
    if (elapsed() - notedAt < SECONDS_PER_NOTE) return;
    notedAt = elapsed();
    options.onProgress({ kind: 'note', text: noteOf(portfolio, notedAt, hunt.hit !== undefined) });
  };
  const worker = async (): Promise<void> => {
    await using series = new Series(guest, SERIES);
    while (!over()) await untilAborted(one(series), signal);
  };
  await allOrFirstFailure(Array.from({ length: options.jobs }, worker));
}

async function outcomeOf(hunt: Hunt, seen: Sighting, options: HuntOptions): Promise<SearchOutcome> {
  const { field, strategies, portfolio, hit } = hunt;
  const { cell, lane, guest } = field;
  const seconds = hunt.elapsed();
  return {
    ...{ cell: cell.id, lane, seed: options.seed, inputs: bootKey(guest.payload, guest.mode, guest.qemu) },
    ...{ schedules: portfolio.schedules, seconds },
    strategies: portfolio.rows().map((row) => ({
      ...row,
      about: [lookout, ...strategies].find(({ name }) => name === row.strategy)?.about(seen) ?? '',
    })),
    flawed: portfolio.flawed,
    found: hit ? await kept(field, hit, options) : null,
  };
}

function noteOf({ schedules, flawed }: Portfolio, seconds: number, breached: boolean): string {
  const pace = `${schedules} schedules, ${Math.round((60 * schedules) / seconds)} a minute`;
  const lost = flawed.reduce((sum, { count }) => sum + count, 0);
  return [pace, breached ? 'breached' : 'no breach yet', ...(lost > 0 ? [`${lost} no evidence`] : [])].join(
    ', ',
  );
}

/** A lever that the kernel cannot have would leave a schedule that proves nothing. */
function checkLevers({ record }: Attempt, { name }: Strategy): void {
  for (const event of record.events) {
    if (event.from !== 'agent' || event.event !== 'unsupported') continue;
    throw new LabError(`a lever of ${name} cannot be had on this kernel: ${event.reason}`, {
      code: 'lever-unsupported',
    });
  }
}

/** An abort is no failure here: what was found before it is kept. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** Every time, as far as it was tried. */
const comesBack = ({ breached, of }: Repeats): boolean => of > 0 && breached === of;

/** Writes the breach down at once, then repeats it and makes it smaller. */
async function kept(field: Field, hit: Hit, options: HuntOptions): Promise<Found> {
  const { attempt, strategy, schedule, afterSeconds } = hit;
  const { cell, guest } = field;
  const queue = new PQueue({ concurrency: options.jobs });
  const capsule = await keep(field, attempt, strategy, undefined, options);
  const found: Found = {
    ...{ schedule, afterSeconds, strategy: strategy.name, seed: attempt.record.seed, capsule },
    repeats: { same: 0, breached: 0, of: 0 },
  };
  const work = async (): Promise<Found> => {
    const again = (one: Attempt) => repeat(cell, guest, one, REPEATS, { ...options, queue });
    const repeats = await again(attempt);
    // One that comes back only now and then cannot be told to be gone.
    if (!comesBack(repeats)) return { ...found, repeats };
    const smaller = await smallest(field, attempt, options);
    const certified = await again(smaller);
    if (!comesBack(certified)) return { ...found, repeats };
    await keep(field, smaller, strategy, certified, options);
    return {
      ...{ ...found, repeats: certified },
      smallest: { trials: smaller.record.trials, levers: smaller.levers, before: smaller.before.length },
    };
  };
  return (await untilAborted(work(), options.signal)) ?? found;
}

async function keep(
  field: Field,
  attempt: Attempt,
  strategy: Strategy,
  repeats: Repeats | undefined,
  { outDir, weigh, render }: HuntOptions,
): Promise<string> {
  const { cell, guest, lane } = field;
  const { record, levers } = attempt;
  const weighed = weigh(cell, record);
  const capsule = await capsuleOf(cell, guest, attempt, weighed.kind === 'breached' ? weighed.count : 0);
  if (!capsule) throw new LabError(`${cell.id}: a sealed run has no digest`, { code: 'digest-missing' });
  const found = { strategy: strategy.name, levers: [...levers] };
  const certified = repeats && { repeats: { same: repeats.same, of: repeats.of } };
  const file = await writeCapsule(outDir, { ...capsule, found, ...certified }, `${lane}-${record.seed}`);
  await writeBeside(outDir, file, TRACE_SUFFIX, render.trace(cell, record));
  await writeBeside(outDir, file, TIMELINE_SUFFIX, render.timeline(cell, record));
  return file;
}

/** One that is shown without the others' help says most, so that is tried first; then what minimise does. */
async function smallest(field: Field, attempt: Attempt, { weigh }: HuntOptions): Promise<Attempt> {
  const { index, record } = attempt;
  const { seed } = record;
  let last = attempt;
  const stillBreaches = async (plan: Breaching & { before: readonly string[] }): Promise<boolean> => {
    const tried = await runAttempt(field, { ...plan, index, seed });
    const yes = weigh(field.cell, tried.record).kind === 'breached';
    if (yes) last = tried;
    return yes;
  };
  const start = { trials: record.trials, levers: attempt.levers };
  const before = await fewestBefore(attempt.before, (fewer) => stillBreaches({ ...start, before: fewer }));
  await minimise(start, (smaller) => stillBreaches({ ...smaller, before }));
  return last;
}
