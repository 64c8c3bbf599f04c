import path from 'node:path';
import { weigh } from '../../judge/index.ts';
import { UserError } from '../../lib/errors.ts';
import { type Backend, USED_BACKENDS } from '../../lib/ids.ts';
import { replaceFile } from '../../lib/replace-file.ts';
import { comparesShapes } from '../../lib/scenario.ts';
import type { Cell } from '../../lib/verdict.ts';
import { oneOf, parseCount, parseList, parseSeed, parseTime, plan } from '../../plan/index.ts';
import { createTerminal, printable, render, searchLines, searchText } from '../../report/index.ts';
import type { SearchOutcome } from '../../run/index.ts';
import { STRATEGY_NAMES } from '../../run/search/strategies.ts';
import { type CommandContext, EXIT, wantsColor } from '../context.ts';
import { kernelSources } from '../kernel-sources.ts';
import { makeRunFolder, runPlace } from '../run-folder.ts';
import { knownKernels, parseTarget, scenariosDir } from '../target.ts';

export interface SearchFlags {
  for: string;
  lane: 'guarded' | 'control';
  strategy?: string[];
  schedules: string;
  trials: string;
  seed: string;
  jobs?: string;
  whole?: boolean;
  out?: string;
  json?: boolean;
  scenarios?: string[];
  kernelSource?: string[];
}

/** What a search leaves in its folder. */
export const SEARCH = 'search.json';

const MOST_SCHEDULES = 100_000_000;

/** Looks for a schedule of one cell that breaches, and keeps the first one as a capsule. */
export async function search(name: string, flags: SearchFlags, context: CommandContext): Promise<number> {
  const { outcome, cell } = await searchCell(name, flags, context);
  if (flags.json) context.stdout.write(searchText(outcome));
  // An interrupted search has said what it found; that it was interrupted is what its status says.
  context.signal.throwIfAborted();
  return statusOf(outcome, cell);
}

/** The search itself: what it has seen is in its folder, and told to whoever looks on. */
export async function searchCell(
  name: string,
  flags: SearchFlags,
  context: CommandContext,
): Promise<{ outcome: SearchOutcome; cell: Cell }> {
  const { stages, env, signal, stdout, stderr, cwd } = context;
  const catalogue = await stages.loadCatalogue();
  const { scenario, target, backend } = parseCell(name);
  const ownDirs = (flags.scenarios ?? []).map((dir) => path.resolve(cwd, dir));
  const { cells, scenarios } = await plan(
    {
      ...{ profile: 'full', mode: 'sealed', backend, scenarios: [scenario] },
      ...targetRequest(parseTarget(target, catalogue)),
      trials: parseCount('--trials', flags.trials, 1_000_000),
    },
    { scenariosDir, ownDirs },
    knownKernels(catalogue),
  );
  const cell = searchable(theOnly(name, cells));
  const strategies = strategiesOf(flags);
  const given = {
    seconds: parseTime('--for', flags.for),
    schedules: parseCount('--schedules', flags.schedules, MOST_SCHEDULES),
    seed: parseSeed('--seed', flags.seed),
    jobs: flags.jobs === undefined ? context.cores : parseCount('--jobs', flags.jobs, 1024),
  };
  const { outDir, shownDir } = runPlace(flags.out, context);
  const stream = flags.json ? stderr : stdout;
  using terminal = createTerminal({
    ...{ stream, isTTY: false, columns: 80, color: wantsColor(stream, env) },
  });
  const sources = await kernelSources(flags.kernelSource, catalogue, context);
  await makeRunFolder(outDir);
  const outcome = await stages.search({
    ...{ cell, lane: flags.lane, ...given, strategies, whole: flags.whole === true, outDir },
    ...{ target: { arch: cell.arch, kernel: cell.kernel }, scenarios, catalogue, kernelSources: sources },
    ...{ env, signal, onProgress: terminal.onProgress, weigh, render },
  });
  await replaceFile(path.join(outDir, SEARCH), searchText(outcome));
  stream.write(`${searchLines(outcome, shownDir).map(printable).join('\n')}\n`);
  return { outcome, cell };
}

/**
 * The guarded lane is to hold, unless matrix.yaml says that it does not; the control lane is to be breached. A kernel that died
 * and a warden that waits for ever are never as expected, and without any evidence nothing is.
 */
function statusOf({ lane, found, schedules, flawed }: SearchOutcome, { expected }: Cell): number {
  if (flawed.some(({ kind }) => kind === 'crashed' || kind === 'hung')) return EXIT.notAsExpected;
  if (schedules === 0) return EXIT.labFailed;
  const wanted = lane === 'control' || expected === 'breached';
  return (found !== null) === wanted ? EXIT.asExpected : EXIT.notAsExpected;
}

/** `argv/thread-rewrite@arm/debian-6.1`, and `…+trace` for a backend. */
function parseCell(name: string): { scenario: string; target: string; backend: Backend } {
  const [, scenario, target, backend] = /^([^@+*]+)@([^@+*]+)(?:\+([^@+*]+))?$/.exec(name) ?? [];
  if (scenario === undefined || target === undefined) {
    throw new UserError(`${name}: a cell is named scenario@arch/kernel`, {
      code: 'bad-cell',
      hint: 'such as argv/thread-rewrite@arm/debian-6.1; +trace or +notify behind it forces a backend',
    });
  }
  return {
    ...{ scenario, target },
    backend: backend === undefined ? 'auto' : oneOf('backend', backend, USED_BACKENDS),
  };
}

const targetRequest = ({ arch, kernel }: { arch: string; kernel: string }) => ({
  arches: [arch],
  kernels: [kernel],
});

function theOnly(name: string, cells: readonly Cell[]): Cell {
  const [cell, ...more] = cells;
  if (cell && more.length === 0) return cell;
  throw new UserError(`${name} names ${cells.length} cells, and a search is of one`, { code: 'bad-cell' });
}

function searchable(cell: Cell): Cell {
  const { id, scenario, arch, kernel } = cell;
  if (!comparesShapes(scenario)) return cell;
  throw new UserError(
    `${id} cannot be searched: it compares shapes, and none of its schedules breaches alone`,
    {
      code: 'search-compares',
      hint: `more seeds: npm run matrix -- --scenario ${scenario.id} --arch ${arch} --kernel ${kernel} --schedules 100`,
    },
  );
}

function strategiesOf({ strategy }: SearchFlags): string[] {
  if (!strategy) return [...STRATEGY_NAMES];
  return parseList('--strategy', strategy).map((name) => oneOf('strategy', name, STRATEGY_NAMES));
}
