import { UserError } from '../../lib/errors.ts';
import { ARCHES, type Target } from '../../lib/ids.ts';
import { loadScenarios } from '../../plan/index.ts';
import { createTerminal } from '../../report/index.ts';
import type { Bench, BenchRow, Where } from '../../run/index.ts';
import { type CommandContext, wantsColor } from '../context.ts';
import { kernelSources } from '../kernel-sources.ts';
import { archesOf, parseTarget, scenariosDir } from '../target.ts';

export interface BenchFlags {
  target: string;
  kernelSource?: string[];
  json?: boolean;
}

export interface PlacesBenchFlags extends Omit<BenchFlags, 'target'> {
  target?: string[];
}

type Catalogue = Awaited<ReturnType<CommandContext['stages']['loadCatalogue']>>;

export async function benchFork(flags: BenchFlags, context: CommandContext): Promise<number> {
  const catalogue = await context.stages.loadCatalogue();
  const target = parseTarget(flags.target, catalogue);
  const scenarios = await loadScenarios([scenariosDir]);
  return measured(flags, catalogue, context, (options) =>
    context.stages.benchFork({ ...options, target, scenarios }),
  );
}

export async function benchWarden(flags: PlacesBenchFlags, context: CommandContext): Promise<number> {
  const catalogue = await context.stages.loadCatalogue();
  const places = flags.target?.map((word) => placeNamed(word, catalogue)) ?? usualPlaces(catalogue);
  return measured(flags, catalogue, context, (options) => context.stages.benchWarden({ ...options, places }));
}

export async function benchLearn(flags: PlacesBenchFlags, context: CommandContext): Promise<number> {
  const catalogue = await context.stages.loadCatalogue();
  const places = flags.target?.map((word) => placeNamed(word, catalogue)) ?? [{ kind: 'host' as const }];
  return measured(flags, catalogue, context, (options) => context.stages.benchLearn({ ...options, places }));
}

export async function benchHooks(flags: PlacesBenchFlags, context: CommandContext): Promise<number> {
  const catalogue = await context.stages.loadCatalogue();
  const places = (flags.target?.map((word) => placeNamed(word, catalogue)) ?? usualPlaces(catalogue)).filter(
    ({ kind }) => kind !== 'host',
  );
  if (places.length === 0) {
    throw new UserError('the hooks are measured in guests only', {
      code: 'no-target',
      hint: '--target arch/kernel, such as x86_64/debian-6.1',
    });
  }
  return measured(flags, catalogue, context, (options) => context.stages.benchHooks({ ...options, places }));
}

const placeNamed = (word: string, catalogue: Catalogue): Where =>
  word === 'host' ? { kind: 'host' } : { kind: 'guest', target: parseTarget(word, catalogue) };

/** The host, and of each arch a kernel that is there; packaged ones come first, for they are there most often. */
function usualPlaces(catalogue: Catalogue): Where[] {
  const ofArch = (arch: Target['arch']): Target[] =>
    [...catalogue.values()]
      .filter((kernel) => archesOf(kernel).includes(arch))
      .map(({ id }) => ({ arch, kernel: id }));
  const guests = ARCHES.map(ofArch).filter((candidates) => candidates.length > 0);
  return [{ kind: 'host' }, ...guests.map((candidates): Where => ({ kind: 'ready', candidates }))];
}

type CommonOptions = Omit<Parameters<CommandContext['stages']['benchFork']>[0], 'target' | 'scenarios'>;

async function measured(
  flags: Pick<BenchFlags, 'kernelSource' | 'json'>,
  catalogue: Catalogue,
  context: CommandContext,
  measure: (options: CommonOptions) => Promise<Bench>,
): Promise<number> {
  const { env, signal, stdout, stderr } = context;
  // A live view has nothing to count here.
  using terminal = createTerminal({
    ...{ stream: stderr, isTTY: false, columns: 80, color: wantsColor(stderr, env) },
  });
  const bench = await measure({
    ...{ env, signal, catalogue, onProgress: terminal.onProgress },
    kernelSources: await kernelSources(flags.kernelSource, catalogue, context),
  });
  signal.throwIfAborted();
  stdout.write(flags.json ? `${JSON.stringify(bench)}\n` : benchText(bench));
  return 0;
}

function benchText({ bench, rows }: Bench): string {
  return `${[`bench ${bench}`, ...rows.map(rowText)].join('\n')}\n`;
}

function rowText({ what, unit, ours, peer, theirs, ratio, rounds, spread }: BenchRow): string {
  const figure = (value: number, [low, high]: readonly [number, number]): string =>
    value.toFixed(3) + (rounds > 1 ? ` (${low.toFixed(3)} to ${high.toFixed(3)})` : '');
  const own = `${what}: ${figure(ours, spread.ours)} ${unit}`;
  const other = `${peer}: ${figure(theirs, spread.theirs)}`;
  return `${own}; ${other}; ${ratio === null ? 'lost in noise' : `ratio ${ratio.toFixed(3)}`}; rounds ${rounds}`;
}
