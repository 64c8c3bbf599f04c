import type { CacheInputs } from '../../lib/cache.ts';
import type { Machine } from '../../lib/machines/index.ts';
import type { SourceArch, SourceKernel } from '../catalogue.ts';
import type { Context } from '../context.ts';
import { mergeWords } from '../kernel.ts';
import { type Compiler, compilerUpTo, versionOf } from '../toolchain.ts';
import { Unavailable } from '../unavailable.ts';
import { type Request, requestsFor, requestText } from './fragments.ts';
import { type Source, sourceInputs } from './source.ts';

/** Goes up when the same inputs would give another bundle. */
const RECIPE = 1;

/** All that decides what a kernel becomes, but its source. */
export interface BuildPlan {
  kernel: SourceKernel;
  machine: Machine;
  entry: SourceArch;
  /** Triple of the cross compiler. */
  triple: string;
  compiler: Compiler;
  /** What it says of its version. */
  compilerLine: string;
  requests: readonly Request[];
}

export async function buildPlan(
  context: Context,
  kernel: SourceKernel,
  machine: Machine,
  fragments?: string,
): Promise<BuildPlan> {
  const entry = kernel.arches[machine.arch];
  if (!entry) {
    throw new Unavailable(
      `${kernel.id} is not built for ${machine.arch}`,
      `kernels/catalogue.yaml has it for ${Object.keys(kernel.arches).join(', ')}`,
    );
  }
  const triple = entry.compiler ?? machine.gnuTriple;
  const compiler = await compilerUpTo(context, triple, kernel.newestGcc);
  const compilerLine = await versionOf(context, compiler);
  const requests = await requestsFor(kernel.sibling, machine.arch, entry.config, fragments);
  return { kernel, machine, entry, triple, compiler, compilerLine, requests };
}

/** What the project says of how it is built: the same on every host. */
export const recipeInputs = ({ machine, entry, requests }: BuildPlan): CacheInputs => ({
  recipe: RECIPE,
  arch: machine.arch,
  target: entry.target,
  image: entry.image,
  make: [...entry.make],
  edits: entry.edits.map(({ file, find, replace }) => ({ file, find, replace })),
  requests: requestText(requests),
});

export const bundleInputs = (plan: BuildPlan, source: Source) => ({
  build: recipeInputs(plan),
  source: sourceInputs(source),
  compiler: plan.compilerLine,
});

/** A build says neither when nor where it was made, so that the same inputs give the same bytes. */
const SAME_EVERYWHERE = [
  ...['KBUILD_BUILD_TIMESTAMP=1970-01-01', 'KBUILD_BUILD_USER=photofinish', 'KBUILD_BUILD_HOST=photofinish'],
  // Given and empty, it keeps a tree under version control from marking its release.
  ...['KBUILD_BUILD_VERSION=1', 'LOCALVERSION='],
];

/** The variables of everything that is made for this kernel, modules of ours included. */
export const kernelWords = ({ machine, entry, compiler }: BuildPlan): string[] => [
  ...[`ARCH=${machine.kernelArch}`, `CROSS_COMPILE=${compiler.prefix}`, `CC=${compiler.cc}`],
  ...entry.make,
];

export const buildWords = (plan: BuildPlan, tree: string): string[] =>
  mergeWords([...kernelWords(plan), ...SAME_EVERYWHERE, `KCFLAGS=-fmacro-prefix-map=${tree}/=`]);

/** What the tree calls the folder of the arch: of x86 both widths are in one. */
export const srcArch = ({ kernelArch }: Machine): string =>
  /^(x86_64|i386)$/.test(kernelArch) ? 'x86' : kernelArch;
