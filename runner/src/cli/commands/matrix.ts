import path from 'node:path';
import { judgeCell, weigh } from '../../judge/index.ts';
import { cacheRoot } from '../../lib/cache.ts';
import { LabError, UserError } from '../../lib/errors.ts';
import { type Cell, type CellResult, racedNothing } from '../../lib/verdict.ts';
import { parseCount, parseSeed, plan } from '../../plan/index.ts';
import {
  createTerminal,
  type PastRun,
  readPastRun,
  render,
  resultsText,
  shellWord,
} from '../../report/index.ts';
import { type CommandContext, EXIT, wantsColor } from '../context.ts';
import { kernelSources } from '../kernel-sources.ts';
import { makeRunFolder, runPlace, shown } from '../run-folder.ts';
import { knownKernels, scenariosDir } from '../target.ts';
import { writeRun, writeRunPage } from '../written-run.ts';
import { type MatrixFlags, matrixFlagsSchema, requestOf, rerunFlags, resumedFlags } from './matrix-flags.ts';

/** Wide enough for a table where the terminal does not know. */
const DEFAULT_COLUMNS = 80;

export async function matrix(given: MatrixFlags, context: CommandContext): Promise<number> {
  const start = await startOf(given, context);
  return await runFrom(start, context, () => {
    const { shownDir } = start.place;
    context.stderr.write(`to go on: npm run matrix -- --resume ${shellWord(shownDir)}\n`);
  });
}

/** Runs what was asked for, or what is left of it. `interrupted` is called when there is something to go on with. */
export async function runFrom(
  { flags, place, past }: Start,
  context: CommandContext,
  interrupted: () => void = () => undefined,
): Promise<number> {
  const { stages, env, signal, stdout, stderr } = context;
  const { runId, outDir, shownDir, command, cwd } = place;
  const seed = parseSeed('--seed', flags.seed);
  const jobs = flags.jobs === undefined ? context.cores : parseCount('--jobs', flags.jobs, 1024);
  const request = requestOf(flags);
  const catalogue = await stages.loadCatalogue();
  const planned = await plan(request, scenarioPlaces(flags, cwd), knownKernels(catalogue));
  const { cells, scenarios, shard } = planned;
  if (past) checkSamePlan(past, cells, outDir);
  const sources = await kernelSources(flags.kernelSource, catalogue, { ...context, cwd });
  // With --json, standard output belongs to the program that reads it.
  const stream = flags.json ? stderr : stdout;
  const color = wantsColor(stream, env);
  using terminal = createTerminal({ stream, isTTY: stream.isTTY === true, columns: DEFAULT_COLUMNS, color });
  signal.addEventListener('abort', () => terminal[Symbol.dispose](), { once: true });
  const { onProgress } = terminal;
  const ready = flags.ready === true;
  // Before anything is started: what is wrong with a path must not end a run that others of its cells are in.
  if (sources.size > 0) {
    const options = {
      ...{ ready, signal, env, onProgress, kernelSources: sources },
      cacheRoot: cacheRoot(env),
    };
    await stages.checkKernelSources(catalogue, new Set(cells.map(({ kernel }) => kernel)), options);
  }
  if (!past) await makeRunFolder(outDir);
  const running = stages.runMatrix({
    ...{ cells, scenarios, profile: request.profile, seed, runId, outDir, jobs, ready },
    ...{
      command,
      signal,
      env,
      catalogue,
      kernelSources: sources,
      onProgress,
      judge: judgeCell,
      weigh,
      render,
    },
    ...{
      asked: { flags, cwd },
      rerun: rerunFlags(flags, seed),
      shard,
      past: past && { ...past, startedAt: past.run.startedAt },
    },
  });
  const outcome = await running.finally(() => {
    if (signal.aborted) interrupted();
  });
  signal.throwIfAborted();
  checkComplete(cells, outcome.cells);
  const strict = flags.strict === true;
  const written = { dir: outDir, shownDir, strict, history: flags.history, context: { ...context, cwd } };
  const { results, ...trend } = await writeRun(outcome, written);
  terminal.finish(outcome, { flags: outcome.run.rerun, outDir: shownDir });
  if (flags.json) stdout.write(resultsText(results));
  await writeRunPage(outcome, trend, written);
  return exitStatus(outcome.cells, { strict, shard: shard !== undefined });
}

interface Place {
  runId: string;
  outDir: string;
  /** As a person would write it. */
  shownDir: string;
  command: string;
  /** Where relative paths among the flags begin. */
  cwd: string;
}

interface Start {
  flags: MatrixFlags;
  place: Place;
  past?: PastRun;
}

/** A run of its own, or one that goes on. */
export async function startOf(given: MatrixFlags, context: CommandContext): Promise<Start> {
  const { cwd, command } = context;
  if (given.resume === undefined)
    return { flags: given, place: { ...runPlace(given.out, context), command, cwd } };
  const outDir = path.resolve(cwd, given.resume);
  const past = await readPastRun(outDir);
  const first = matrixFlagsSchema.safeParse(past.flags);
  if (!first.success) throw differs(outDir, 'its flags are of another version of the lab');
  const { id: runId, command: typed } = past.run;
  const place = { runId, outDir, shownDir: shown(outDir, cwd), command: typed, cwd: past.cwd };
  return { flags: resumedFlags(first.data, given), place, past };
}

export function checkSamePlan(past: PastRun, cells: readonly Cell[], outDir: string): void {
  const now = cells.map(({ id }) => id);
  const changed = [
    ...now.filter((id) => !past.cells.includes(id)),
    ...past.cells.filter((id) => !now.includes(id)),
  ];
  if (changed.length === 0) return;
  throw differs(outDir, `it was of other cells than there are now: ${changed.slice(0, 3).join(', ')}`);
}

const differs = (outDir: string, why: string): UserError =>
  new UserError(`${outDir} cannot go on: ${why}`, {
    code: 'run-changed',
    hint: 'start the run anew, in another folder',
  });

/** A cell without a result would be missing from every report and fail nothing. */
function checkComplete(cells: readonly Cell[], results: readonly CellResult[]): void {
  const judged = new Set(results.map(({ id }) => id));
  const missing = cells.filter(({ id }) => !judged.has(id)).map(({ id }) => id);
  if (missing.length === 0 && results.length === cells.length) return;
  throw new LabError(`the run has no result for ${missing.join(', ')}`, { code: 'cells-lost' });
}

export function scenarioPlaces(flags: Pick<MatrixFlags, 'scenarios'>, cwd: string) {
  return {
    scenariosDir,
    ownDirs: (flags.scenarios ?? []).map((dir) => path.resolve(cwd, dir)),
  };
}

/**
 * A cell that could not be had is nobody's mistake, so it fails a run only when that was asked for. A run of none
 * but such cells has no answer; of a shard, that of the whole run is what counts.
 */
export function exitStatus(
  cells: readonly Pick<CellResult, 'verdict' | 'asExpected'>[],
  { strict, shard = false }: { strict: boolean; shard?: boolean },
): number {
  const fails = cells.some(({ verdict, asExpected }) => !asExpected && (strict || verdict !== 'unavailable'));
  if (fails) return EXIT.notAsExpected;
  return racedNothing(cells) && !shard ? EXIT.labFailed : EXIT.asExpected;
}
