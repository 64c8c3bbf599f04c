import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { LabError } from '../lib/errors.ts';
import type { Machine } from '../lib/machines/index.ts';
import { run } from '../lib/process.ts';
import type { Context } from './context.ts';
import { checkElf } from './elf.ts';
import { type Kernel, type ModuleTree, mergeWords } from './kernel.ts';
import { busy } from './once.ts';
import { sourceHash } from './source-hash.ts';
import { versionOf } from './toolchain.ts';
import { obtainMade } from './unavailable.ts';

const RECIPE = 4;
const LIMIT_SECONDS = 600;

/** Only what the kernel's makefiles read: tests and what a build left behind do not change a module. */
const isSource = (name: string): boolean =>
  /(^|\/)(Kbuild|Makefile)$|\.[chS]$/.test(name) && !/(^|\/)test\//.test(name);

/** Builds an out-of-tree module, whose Kbuild file names it `photofinish`, for a kernel. */
export async function hooksModule(
  context: Context,
  kernel: Kernel,
  machine: Machine,
  source: string,
): Promise<string> {
  const compiler = await versionOf(context, kernel.compiler);
  const inputs = async () => ({
    recipe: RECIPE,
    source: await sourceHash(source, isSource),
    kernel: kernel.inputs,
    compiler,
  });
  const what = `the hook module for ${kernel.release}`;
  const dir = await obtainMade(context, what, 'hooks', inputs, async (building) => {
    const tree = await kernel.moduleTree();
    await busy(context, () => build(context, { kernel, tree, machine, source, dir: building }));
  });
  return path.join(dir, 'photofinish.ko');
}

interface Build {
  kernel: Kernel;
  tree: ModuleTree;
  machine: Machine;
  source: string;
  dir: string;
}

async function build(context: Context, { kernel, tree, machine, source, dir }: Build): Promise<void> {
  const copy = path.join(dir, 'build');
  await mkdir(copy);
  await cp(source, copy, { recursive: true });
  const options = {
    signal: context.signal,
    limitSeconds: LIMIT_SECONDS,
    env: { ...context.env, LC_ALL: 'C' },
  };
  await run('make', makeWords(tree, copy), options).catch((error: unknown) => {
    if (!(error instanceof LabError) || error.code !== 'program-failed') throw error;
    throw new LabError(`the hook module does not build for ${kernel.release}: ${error.message}`, {
      code: 'hooks-build-failed',
      hint: 'the words above are the compiler’s',
      cause: error,
    });
  });
  const module = path.join(copy, 'photofinish.ko');
  await run(`${kernel.compiler.prefix}strip`, ['--strip-debug', module], options);
  await checkElf(module, machine);
  await rename(module, path.join(dir, 'photofinish.ko'));
  await rm(copy, { recursive: true });
}

function makeWords({ dir, words }: ModuleTree, copy: string): string[] {
  return [
    ...['-C', dir, `-j${availableParallelism()}`, `M=${copy}`],
    // Not a byte of the module may depend on where it was built. Type information for BPF needs a tool (pahole) that
    // nothing else here does, and debug information would be stripped anyway.
    // A kernel that is older than its compiler is built without warnings; those of the module's own code are wanted.
    ...mergeWords([
      ...words.filter((word) => word !== 'KCFLAGS=-w'),
      `KCFLAGS=-ffile-prefix-map=${copy}=. -g0`,
      'CONFIG_DEBUG_INFO_BTF_MODULES=',
    ]),
    'modules',
  ];
}
