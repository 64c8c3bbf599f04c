import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { searchedCell } from '../../judge/index.ts';
import { describeError, LabError, UserError } from '../../lib/errors.ts';
import { cellFolder, targetName } from '../../lib/ids.ts';
import { isThere } from '../../lib/is-there.ts';
import { replaceFile } from '../../lib/replace-file.ts';
import { comparesShapes, isAboutWarden } from '../../lib/scenario.ts';
import { type SealedSearch, sealedSearchSchema } from '../../lib/sealed-search.ts';
import type { Cell, CellResult, RunOutcome } from '../../lib/verdict.ts';
import {
  isPlannedAlike,
  loadScenarios,
  parseCount,
  parseList,
  parseTime,
  plan,
  selectNames,
} from '../../plan/index.ts';
import { mergeRuns, readResults, shellWord } from '../../report/index.ts';
import { JOURNAL, type SearchOutcome, sealedSearchOf } from '../../run/index.ts';
import type { CommandContext } from '../context.ts';
import { makeRunFolder, runPlace, shown } from '../run-folder.ts';
import { knownKernels } from '../target.ts';
import { finishRun } from '../written-run.ts';
import { cachePrune } from './cache.ts';
import { checkSamePlan, exitStatus, runFrom, scenarioPlaces, startOf } from './matrix.ts';
import { type MatrixFlags, requestOf } from './matrix-flags.ts';
import { matrixFlags, type NightlyFlags, nightlyFlagsSchema } from './nightly-flags.ts';
import { copyCells } from './report-merge.ts';
import { searchCell } from './search.ts';

/** What makes a folder one of a night, and what it is gone on from. */
const NIGHT = 'nightly.json';
const nightSchema = z.strictObject({
  nightly: z.literal(1),
  id: z.string(),
  command: z.string(),
  cwd: z.string(),
  flags: nightlyFlagsSchema,
});

interface Night {
  dir: string;
  /** As a person would write it. */
  shownDir: string;
  id: string;
  command: string;
  flags: NightlyFlags;
  context: CommandContext;
  parts: readonly NightPart[];
  /** Scenarios whose cells are searched, if the night has them. */
  searches: ReadonlySet<string>;
}

/**
 * Everything, unattended: the matrix under each backend, a search of some cells and of the bugs that were planted, one
 * report of it all with what changed since the night before, and one exit status. An interrupted one goes on with
 * `--resume`: what is done is not done again.
 */
export async function nightly(given: NightlyFlags, context: CommandContext): Promise<number> {
  checkWords(given);
  const night = given.resume === undefined ? await begin(given, context) : await resume(given, context);
  const { stderr, signal } = context;
  try {
    return await runNight(night);
  } finally {
    const { shownDir } = night;
    if (signal.aborted) stderr.write(`to go on: npm run nightly -- --resume ${shellWord(shownDir)}\n`);
  }
}

/** What is wrong with a word is not to be found out hours later. */
function checkWords({ searchFor, days }: NightlyFlags): void {
  parseTime('--search-for', searchFor);
  parseCount('--days', days, 3650);
}

async function runNight(night: Night): Promise<number> {
  const { dir, id, command, flags, context, parts } = night;
  for (const part of parts) await runPart(part, night);
  const read = parts.map(async ({ name, out }) => ({ name, results: await readResults(out, dir) }));
  const outcome = mergeRuns(await Promise.all(read), { id, command });
  for (const { out } of parts) await copyCells(out, dir);
  const cells = await searched(outcome, night);
  const run = { ...outcome.run, seconds: outcome.run.seconds + secondsOfSearches(outcome.cells, cells) };
  context.signal.throwIfAborted();
  const strict = flags.strict === true;
  const place = { dir, shownDir: night.shownDir, strict, history: flags.history, context };
  await finishRun({ ...outcome, run, cells }, place);
  const status = exitStatus(cells, { strict });
  // The night is over and written down: what becomes of the cache is nothing that it has to say.
  await cachePrune({ days: flags.days }, context).catch((error: unknown) => {
    context.stderr.write(`the cache was not pruned: ${describeError(error)}\n`);
  });
  return status;
}

async function begin(flags: NightlyFlags, context: CommandContext): Promise<Night> {
  const { cwd, command } = context;
  const { runId: id, outDir: dir, shownDir } = runPlace(flags.out, context);
  const parts = await partsOf({ dir, flags, context });
  const searches = await searchesOf(flags, context);
  await makeRunFolder(dir);
  const night = { nightly: 1, id, command, cwd, flags } as const;
  await replaceFile(path.join(dir, NIGHT), `${JSON.stringify(night, null, 1)}\n`);
  return { dir, shownDir, id, command, flags, context, parts, searches };
}

async function resume(given: NightlyFlags, context: CommandContext): Promise<Night> {
  const dir = path.resolve(context.cwd, given.resume ?? '');
  const text = await readFile(path.join(dir, NIGHT), 'utf8').catch(() => '');
  const parsed = nightSchema.safeParse(parsedJson(text));
  if (!parsed.success) {
    throw new UserError(`${dir} is no folder of a night of this version`, {
      code: 'bad-night',
      hint: 'start it anew; `matrix --resume` goes on with a single run',
    });
  }
  const { id, command, cwd, flags } = parsed.data;
  const own = { jobs: given.jobs ?? flags.jobs, strict: given.strict ?? flags.strict };
  const shownDir = shown(dir, context.cwd);
  const night = { dir, flags: { ...flags, ...own }, context: { ...context, cwd } };
  const searches = await searchesOf(night.flags, night.context);
  return { ...night, shownDir, id, command, parts: await partsOf(night), searches };
}

/**
 * A night may be of other scenarios than those that are usually searched; a word that means none at all is a slip. Where shapes
 * are compared no schedule breaches by itself, and there is nothing to search for.
 */
async function searchesOf(flags: NightlyFlags, { cwd }: CommandContext): Promise<ReadonlySet<string>> {
  const { scenariosDir, ownDirs } = scenarioPlaces(flags, cwd);
  const known = await loadScenarios([scenariosDir, ...ownDirs]);
  const words = parseList('--search', [flags.search]);
  const comparing = new Set<string>(known.filter(comparesShapes).map(({ id }) => id));
  const chosen = selectNames(
    'scenario',
    words,
    known.map(({ id }) => id),
  );
  return new Set(chosen.filter((id) => !comparing.has(id)));
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface NightPart {
  name: string;
  /** Its folder. */
  out: string;
  flags: MatrixFlags;
}

/** Whatever runs under a warden under each backend, all else once. */
async function partsOf({
  dir,
  flags,
  context,
}: Pick<Night, 'dir' | 'flags' | 'context'>): Promise<NightPart[]> {
  const asked = matrixFlags(flags, { backend: 'auto', scenario: flags.scenario, out: undefined });
  const cells = await cellsOf(asked, context);
  const scenarios = new Map(cells.map(({ scenario }) => [scenario.id, scenario]));
  const forced = [...scenarios.values()].filter((one) => isAboutWarden(one) && !comparesShapes(one));
  const names = new Set<string>(forced.map(({ id }) => id));
  const others = [...scenarios.keys()].filter((id) => !names.has(id));
  const part = (backend: MatrixFlags['backend'], scenario: string[]): NightPart[] => {
    const out = path.join(dir, 'parts', backend);
    if (scenario.length === 0) return [];
    return [{ name: backend, out, flags: matrixFlags(flags, { backend, scenario, out }) }];
  };
  return [...part('notify', [...names]), ...part('trace', [...names]), ...part('auto', others)];
}

/**
 * Begun, or not begun; of one that is done it is only looked whether every cell would still be of the same. What came of it is
 * in its folder; it is the whole that has an exit status.
 */
async function runPart({ name, out, flags }: NightPart, { context }: Night): Promise<void> {
  context.signal.throwIfAborted();
  context.stdout.write(`\n${name}\n`);
  const begun = await isThere(path.join(out, JOURNAL));
  // GitHub's page is told of the whole.
  const quiet = { ...context, env: { ...context.env, GITHUB_STEP_SUMMARY: undefined } };
  const start = await startOf(begun ? { ...flags, resume: out } : flags, quiet);
  // It goes on by the words that it began with, and those of the night may mean other scenarios by now.
  if (start.past) checkSamePlan(start.past, await cellsOf(flags, context), out);
  await runFrom(start, quiet);
}

async function cellsOf(flags: MatrixFlags, { stages, cwd }: CommandContext): Promise<Cell[]> {
  const kernels = knownKernels(await stages.loadCatalogue());
  return (await plan(requestOf(flags), scenarioPlaces(flags, cwd), kernels)).cells;
}

/** Of the cells with these scenarios those that ran, one after another. */
async function searched({ cells, targets }: RunOutcome, night: Night): Promise<CellResult[]> {
  const all: CellResult[] = [];
  for (const cell of cells) {
    const ran = cell.verdict === 'held' || (cell.verdict === 'breached' && cell.expected === 'breached');
    const searches = ran && night.searches.has(cell.scenario);
    const inputs = targets[targetName(cell)]?.inputs;
    all.push(searches ? searchedCell(cell, await searchOnce(cell, inputs, night)) : cell);
  }
  return all;
}

/** Of the searches that were made after the runs, whose time has its own in it. */
function secondsOfSearches(before: readonly CellResult[], after: readonly CellResult[]): number {
  const searches = after.filter((cell) => !before.includes(cell)).map(({ sealedSearch }) => sealedSearch);
  const seconds = searches.map((one) => (one && 'seconds' in one ? (one.seconds ?? 0) : 0));
  return seconds.reduce((sum, one) => sum + one, 0);
}

const SEARCHED = 'searched.json';
/** With what was searched: how the cell was planned, and what its target booted with. */
const searchedSchema = z.strictObject({
  plan: z.string().optional(),
  inputs: z.string().optional(),
  search: sealedSearchSchema,
});

/**
 * One that was made is not made again, as long as it would be of the same. One that is of another build than the matrix says
 * nothing of its cell; it stays for a night that goes on, whose matrix will be of that build, too.
 */
async function searchOnce(cell: CellResult, inputs: string | undefined, night: Night): Promise<SealedSearch> {
  const { dir, context } = night;
  const place = path.join('searches', cellFolder(cell.id));
  const file = path.join(dir, place, SEARCHED);
  const { data: done } = searchedSchema.safeParse(parsedJson(await readFile(file, 'utf8').catch(() => '')));
  if (done && isPlannedAlike(done, cell) && done.inputs !== undefined && done.inputs === inputs)
    return done.search;
  context.signal.throwIfAborted();
  const out = await freshFolder(path.join(dir, place));
  const outcome = await searchNow(cell.id, out, night);
  context.signal.throwIfAborted();
  if ('impossible' in outcome) return { kind: 'impossible', reason: outcome.impossible };
  const search = sealedSearchOf(outcome, path.relative(dir, out));
  await replaceFile(file, `${JSON.stringify({ plan: cell.plan, inputs: outcome.inputs, search })}\n`);
  return outcome.inputs === inputs ? search : { kind: 'impossible', reason: OTHER_BUILD };
}

const OTHER_BUILD =
  'its guest booted with something else than that of the matrix: what it is built of was changed meanwhile, and the night is to go on with `--resume`';

/** A search that cannot be made costs the night nothing but itself: why not is said of its cell, and it is tried again. */
async function searchNow(
  id: string,
  out: string,
  { flags, context }: Night,
): Promise<SearchOutcome | { impossible: string }> {
  const { kernelSource, scenarios, seed, jobs } = flags;
  const asked = {
    ...({ for: flags.searchFor, lane: 'guarded', schedules: '100000000', trials: '1' } as const),
    ...{ kernelSource, scenarios, seed, jobs, out },
  };
  try {
    return (await searchCell(id, asked, context)).outcome;
  } catch (error) {
    if (context.signal.aborted || isOfEverything(error)) throw error;
    return { impossible: describeError(error) };
  }
}

/** What neither was foreseen nor is about this cell alone: nothing else would go better. */
const isOfEverything = (error: unknown): boolean =>
  !(error instanceof UserError || error instanceof LabError) || DISK.has(error.code);
const DISK = new Set(['disk-full', 'cache-unwritable']);

/** One that was interrupted left its own behind. */
async function freshFolder(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  for (let number = 1; ; number++) {
    const folder = path.join(dir, String(number));
    if (!(await isThere(folder))) return folder;
  }
}
