import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { judgeCell } from '../../judge/index.ts';
import { cacheRoot } from '../../lib/cache.ts';
import { LabError } from '../../lib/errors.ts';
import type { Backend, Mode } from '../../lib/ids.ts';
import { projectRoot } from '../../lib/project.ts';

import type { Cell, CellResult } from '../../lib/verdict.ts';
import { type PlanRequest, parseCount, parseList, parseSeed, parseShard, plan } from '../../plan/index.ts';
import { createTerminal, resultsOf, resultsText, writeReports } from '../../report/index.ts';
import { type CommandContext, EXIT, wantsColor } from '../context.ts';
import { kernelSources } from '../kernel-sources.ts';
import { makeRunFolder } from '../run-folder.ts';
import { knownKernels, scenariosDir } from '../target.ts';

/** As commander hands them over: words, not yet looked into. */
export interface MatrixFlags {
  arch?: string[];
  kernel?: string[];
  kernelSource?: string[];
  scenario?: string[];
  scenarios?: string[];
  backend: Backend;
  mode: Mode;
  profile: string;
  schedules?: string;
  trials?: string;
  seed: string;
  jobs?: string;
  shard?: string;
  strict?: boolean;
  ready?: boolean;
  out?: string;
  json?: boolean;
}

/** Wide enough for a table where the terminal does not know. */
const DEFAULT_COLUMNS = 80;

export async function matrix(flags: MatrixFlags, context: CommandContext): Promise<number> {
  const { stages, env, signal, command, stdout, stderr } = context;
  const seed = parseSeed('--seed', flags.seed);
  const jobs = flags.jobs === undefined ? context.cores : parseCount('--jobs', flags.jobs, 1024);
  const request = requestOf(flags);
  const catalogue = await stages.loadCatalogue();
  const { cells, scenarios } = await plan(request, scenarioPlaces(flags, context), knownKernels(catalogue));
  const sources = await kernelSources(flags.kernelSource, catalogue, context);
  const { runId, outDir, shownDir } = runPlace(flags, context);
  await makeRunFolder(outDir);
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
  const outcome = await stages.runMatrix({
    ...{ cells, scenarios, profile: request.profile, seed, runId, outDir, jobs, ready },
    ...{ command, signal, env, catalogue, kernelSources: sources, onProgress, judge: judgeCell },
  });
  signal.throwIfAborted();
  checkComplete(cells, outcome.cells);
  const rerun = { flags: rerunFlags(flags, seed), outDir: shownDir };
  const strict = flags.strict === true;
  await writeReports(outDir, outcome, { ...rerun, strict });
  terminal.finish(outcome, rerun);
  if (flags.json) stdout.write(resultsText(resultsOf(outcome)));
  return exitStatus(outcome.cells, strict);
}

/** A cell without a result would be missing from every report and fail nothing. */
function checkComplete(cells: readonly Cell[], results: readonly CellResult[]): void {
  const judged = new Set(results.map(({ id }) => id));
  const missing = cells.filter(({ id }) => !judged.has(id)).map(({ id }) => id);
  if (missing.length === 0 && results.length === cells.length) return;
  throw new LabError(`the run has no result for ${missing.join(', ')}`, { code: 'cells-lost' });
}

function requestOf(flags: MatrixFlags): PlanRequest {
  const list = (flag: string, given?: string[]) => given && parseList(flag, given);
  const count = (flag: string, given?: string) => (given === undefined ? undefined : parseCount(flag, given));
  return {
    profile: flags.profile,
    arches: list('--arch', flags.arch),
    kernels: list('--kernel', flags.kernel),
    scenarios: list('--scenario', flags.scenario),
    backend: flags.backend,
    mode: flags.mode,
    schedules: count('--schedules', flags.schedules),
    trials: count('--trials', flags.trials),
    shard: flags.shard === undefined ? undefined : parseShard('--shard', flags.shard),
  };
}

function scenarioPlaces(flags: MatrixFlags, { cwd }: CommandContext) {
  return {
    scenariosDir,
    ownDirs: (flags.scenarios ?? []).map((dir) => path.resolve(cwd, dir)),
  };
}

/** Sorted by name, runs are sorted by time. */
function runPlace({ out }: MatrixFlags, { now, cwd }: CommandContext) {
  const stamp = now().toISOString().replace(/[-:]/g, '').replace(/\..*/, 'Z');
  const runId = `${stamp}-${randomBytes(3).toString('hex')}`;
  const outDir = out === undefined ? path.join(projectRoot, 'reports/runs', runId) : path.resolve(cwd, out);
  const relative = path.relative(cwd, outDir);
  return { runId, outDir, shownDir: relative === '' || relative.startsWith('..') ? outDir : relative };
}

/** All that decides what a cell does, so that it does the same again. */
function rerunFlags(flags: MatrixFlags, seed: string): string[] {
  const given = (flag: string, value: string | undefined): string[] =>
    value === undefined ? [] : [flag, value];
  return [
    ...given('--profile', flags.profile === 'default' ? undefined : flags.profile),
    ...given('--backend', flags.backend === 'auto' ? undefined : flags.backend),
    ...given('--mode', flags.mode === 'sealed' ? undefined : flags.mode),
    ...given('--schedules', flags.schedules),
    ...given('--trials', flags.trials),
    ...(flags.kernelSource ?? []).flatMap((source) => ['--kernel-source', source]),
    ...(flags.scenarios ?? []).flatMap((dir) => ['--scenarios', dir]),
    ...['--seed', seed],
  ];
}

/** A cell that could not be had is nobody's mistake, so it fails a run only when that was asked for. */
export function exitStatus(
  cells: readonly Pick<CellResult, 'verdict' | 'asExpected'>[],
  strict: boolean,
): number {
  const fails = cells.some(({ verdict, asExpected }) => !asExpected && (strict || verdict !== 'unavailable'));
  return fails ? EXIT.notAsExpected : EXIT.asExpected;
}
