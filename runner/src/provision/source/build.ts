import { availableParallelism } from 'node:os';
import PQueue from 'p-queue';
import { installLine, isThere, packages } from '../../../setup/needs.mjs';
import { cacheKey } from '../../lib/cache.ts';
import { type Arch, targetName } from '../../lib/ids.ts';
import type { Context } from '../context.ts';
import { majorOfGcc } from '../toolchain.ts';
import { Unavailable } from '../unavailable.ts';
import { type BuildPlan, buildWords, bundleInputs } from './build-plan.ts';
import { BUNDLE, collectBundle } from './bundle.ts';
import { configure } from './configure.ts';
import { badSource, sourceTree } from './find-source.ts';
import { MakeFailed, make, type Workplace } from './make.ts';
import { countObjects, expectedObjects, pace, rememberObjects } from './objects.ts';
import type { Source } from './source.ts';
import { type TreeState, treeState } from './tree-hash.ts';
import { emptyWorkplace, lockWorkplace, openWorkplace } from './workplace.ts';

/** On one slow core; whoever waits longer for a kernel has another trouble. */
const LIMIT_SECONDS = 4 * 3600;

/** One kernel at a time, on all cores; meanwhile guests run on, and smaller builds have a queue of their own. */
const kernels = new PQueue({ concurrency: 1 });

/** The bundle of a kernel, built when it is not in the cache. */
export async function builtBundle(context: Context, plan: BuildPlan, source: Source): Promise<string> {
  const inputs = bundleInputs(plan, source);
  const found = await context.cache.find(BUNDLE, inputs);
  if (found) return found;
  checkTools(context, plan.machine.arch);
  const target = targetName({ arch: plan.machine.arch, kernel: plan.kernel.id });
  const onWait = () => context.onStep('kernel', 'running', `another process builds ${target}`);
  await using work = await lockWorkplace(context, cacheKey(inputs), onWait);
  const dir = await context.cache.entry(BUNDLE, inputs, (building) =>
    build(context, plan, source, { work: work.dir, bundle: building, target }),
  );
  await emptyWorkplace(work.dir);
  return dir;
}

interface Places {
  work: string;
  bundle: string;
  target: string;
}

async function build(context: Context, plan: BuildPlan, source: Source, places: Places): Promise<void> {
  const before = await unchanged(context, source, places.work);
  const tree = await sourceTree(context, plan.kernel, source);
  const place = await openWorkplace(context, places.work, tree, plan.entry.edits);
  if (kernels.pending > 0) context.onStep('kernel', 'running', 'another kernel is built before it');
  const work = async (): Promise<void> => {
    context.onStep('kernel', 'running', 'configuring');
    const config = await configure(context, plan, place);
    await compile(context, plan, place, { target: places.target, options: config.size });
    await collectBundle(plan, source, place, places.bundle);
    await unchanged(context, source, places.work, before);
  };
  await kernels.add(work, { signal: context.signal }).catch((error: unknown) => {
    throw error instanceof MakeFailed ? explain(error, plan, places.target) : error;
  });
}

/**
 * What is built is kept under the hash that the tree had when it was looked at, and other arches are built of it, too. Behind the
 * build what is in it now does not tell: a file may have been another one meanwhile.
 */
async function unchanged(
  context: Context,
  source: Source,
  work: string,
  before?: TreeState,
): Promise<TreeState | undefined> {
  if (source.kind !== 'tree') return undefined;
  const now = await treeState(context, source.dir);
  const same = before === undefined ? now.hash === source.sha256 : now.signature === before.signature;
  if (same) return now;
  // A file that is put back with its time would not be compiled again.
  await emptyWorkplace(work);
  throw badSource(`${source.dir} was changed while a kernel was built of it`, {
    hint: 'run it again, and leave the tree alone meanwhile',
  });
}

async function compile(
  context: Context,
  plan: BuildPlan,
  place: Workplace,
  { target, options }: { target: string; options: number },
): Promise<void> {
  const { cache } = context;
  const counter = pace({
    before: await countObjects(place.objects),
    total: await expectedObjects(cache, target, options),
    now: () => performance.now(),
    show: (text) => context.onStep('kernel', 'running', text),
  });
  const words = [
    ...buildWords(plan, place.tree),
    `-j${availableParallelism()}`,
    plan.entry.target,
    'modules',
  ];
  await make(context, place, { words, limitSeconds: LIMIT_SECONDS, onLine: counter.line });
  await rememberObjects(cache, target, await countObjects(place.objects));
}

/** Programs and headers that a kernel's makefiles use, and that nothing else here does. */
function checkTools({ env }: Context, arch: Arch): void {
  const needed = [...packages.kernel, ...(packages.kernelHeaders[arch] ?? [])];
  const missing = needed.filter((item) => !isThere(item, { env, installed: new Map() }));
  if (missing.length === 0) return;
  const names = missing.map((item) => item.package);
  throw new Unavailable(`to build a kernel, ${names.join(', ')} must be installed`, installLine(names));
}

/** That a kernel does not build takes its own cells along, and nobody else's. */
function explain(error: MakeFailed, plan: BuildPlan, target: string): Unavailable {
  const { kernel, compiler, compilerLine, triple } = plan;
  const major = majorOfGcc(compilerLine);
  const tooNew = major !== undefined && major > kernel.newestGcc;
  const newer = tooNew
    ? `${compiler.cc} is version ${major}, and ${kernel.id} is known to build with up to ${kernel.newestGcc}: install gcc-${kernel.newestGcc}-${triple.replaceAll('_', '-')} (\`npm run doctor\` shows what is there); `
    : '';
  return new Unavailable(`${target} does not build:\n${error.message}`, `${newer}${error.hint ?? ''}`, error);
}
