import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { LabError } from '../lib/errors.ts';
import type { Machine } from '../lib/machines/index.ts';
import { run } from '../lib/process.ts';
import type { Context } from './context.ts';
import { checkElf } from './elf.ts';
import { headerTree } from './header-tree.ts';
import { busy } from './once.ts';
import type { ResolvedKernel } from './resolve-kernel.ts';
import { sourceHash } from './source-hash.ts';
import { compilerVersion, crossPrefix } from './toolchain.ts';
import { obtain } from './unavailable.ts';

const RECIPE = 2;
const LIMIT_SECONDS = 600;

/** Only what the kernel's makefiles read: tests and what a build left behind do not change a module. */
const isSource = (name: string): boolean =>
  /(^|\/)(Kbuild|Makefile)$|\.[chS]$/.test(name) && !/(^|\/)test\//.test(name);

/** Builds an out-of-tree module, whose Kbuild file names it `photofinish`, for a packaged kernel. */
export async function hooksModule(
  context: Context,
  kernel: ResolvedKernel,
  machine: Machine,
  source: string,
): Promise<string> {
  const compiler = await compilerVersion(context, machine);
  const packages = [kernel.headers, kernel.common, kernel.kbuild].map(({ sha256 }) => sha256);
  const inputs = { recipe: RECIPE, source: await sourceHash(source, isSource), packages, compiler };
  const dir = await obtain(
    context,
    `the hook module for ${kernel.release}`,
    'hooks',
    inputs,
    async (building) => {
      const headers = await headerTree(context, kernel);
      await busy(context, () => build(context, { headers, machine, source, dir: building }));
    },
  );
  return path.join(dir, 'photofinish.ko');
}

interface Build {
  headers: string;
  machine: Machine;
  source: string;
  dir: string;
}

async function build(context: Context, { headers, machine, source, dir }: Build): Promise<void> {
  const copy = path.join(dir, 'build');
  await mkdir(copy);
  await cp(source, copy, { recursive: true });
  const options = {
    signal: context.signal,
    limitSeconds: LIMIT_SECONDS,
    env: { ...context.env, LC_ALL: 'C' },
  };
  await run('make', moduleWords(headers, copy, machine), options).catch((error: unknown) => {
    if (!(error instanceof LabError) || error.code !== 'program-failed') throw error;
    throw new LabError(`the hook module does not build for ${path.basename(headers)}: ${error.message}`, {
      code: 'hooks-build-failed',
      hint: 'the words above are the compiler’s',
      cause: error,
    });
  });
  const module = path.join(copy, 'photofinish.ko');
  await run(`${crossPrefix(machine)}strip`, ['--strip-debug', module], options);
  await checkElf(module, machine);
  await rename(module, path.join(dir, 'photofinish.ko'));
  await rm(copy, { recursive: true });
}

/** The package's makefiles learn from DEB_* which tools run here and which are for the guest. */
function moduleWords(headers: string, copy: string, machine: Machine): string[] {
  const prefix = crossPrefix(machine);
  return [
    ...['-C', headers, `-j${availableParallelism()}`, `M=${copy}`, `ARCH=${machine.kernelArch}`],
    // Any two unequal words make them cross compile; the host's own arch has a prefixed compiler as well.
    ...[
      `DEB_HOST_ARCH=${machine.debianArch}`,
      'DEB_BUILD_ARCH=host',
      `DEB_HOST_GNU_TYPE=${machine.gnuTriple}`,
    ],
    // The packages name the compiler they were built with; another host release has another one.
    ...[`CROSS_COMPILE=${prefix}`, `CC=${prefix}gcc`],
    // Not a byte of the module may depend on where it was built. Type information for BPF needs a tool (pahole) that
    // nothing else here does, and debug information would be stripped anyway.
    ...[`KCFLAGS=-ffile-prefix-map=${copy}=. -g0`, 'CONFIG_DEBUG_INFO_BTF_MODULES='],
    'modules',
  ];
}
