import { availableParallelism } from 'node:os';
import path from 'node:path';
import { LabError } from '../lib/errors.ts';
import type { Machine } from '../lib/machines/index.ts';
import { run } from '../lib/process.ts';
import { projectRoot } from '../lib/project.ts';
import type { Context } from './context.ts';
import { checkElf } from './elf.ts';
import { busy } from './once.ts';
import { sourceHash } from './source-hash.ts';
import { compilerVersion, crossPrefix } from './toolchain.ts';
import { obtainMade } from './unavailable.ts';

const RECIPE = 1;
/** Half a minute where nobody else works; ten times as long was met beside kernels and guests. */
const LIMIT_SECONDS = 900;
const NATIVE = path.join(projectRoot, 'native');
const FLAWED = 'bin/warden-flawed';
const PROGRAMS = ['agent', 'warden', 'witness'] as const;

/** What the user space of a guest is made of; the module's headers are in it for the interface they share. */
const isSource = (name: string): boolean =>
  (/^(lib|agent|warden|kit)\/.*\.[ch]$/.test(name) ||
    /^hooks\/[^/]*\.h$/.test(name) ||
    name === 'Makefile') &&
  !/(^|\/)test\//.test(name);

/** The same program with what a debugger wants to know of it. */
export const withSymbols = (program: string): string => `${program}.symbols`;

/** The folder with `bin/agent`, `bin/warden` and `bin/witness` for a machine. */
export async function nativeBinaries(context: Context, machine: Machine): Promise<string> {
  const inputs = () => nativeInputs(context, machine);
  return obtainMade(context, `the guest's programs for ${machine.arch}`, 'native', inputs, async (dir) => {
    await busy(context, () => make(context, machine, ['all', `OUT=${dir}`])).catch(nameTheBuild(machine));
    for (const program of PROGRAMS) await checkElf(path.join(dir, 'bin', program), machine);
  });
}

/** The warden with bugs to choose from. It is no part of what attacks and benchmarks are built with. */
export async function flawedWarden(context: Context, machine: Machine): Promise<string> {
  const inputs = () => nativeInputs(context, machine);
  const what = `the flawed warden for ${machine.arch}`;
  const built = await obtainMade(context, what, 'flawed', inputs, async (dir) => {
    await busy(context, () => make(context, machine, ['flawed', `OUT=${dir}`])).catch(nameTheBuild(machine));
    await checkElf(path.join(dir, FLAWED), machine);
  });
  return path.join(built, FLAWED);
}

/** Nothing can be run without these, so this is the lab's trouble and no target's. */
const nameTheBuild = (machine: Machine) => (error: unknown) => {
  if (!(error instanceof LabError) || error.code !== 'program-failed') throw error;
  throw new LabError(`the guest's programs do not build for ${machine.arch}: ${error.message}`, {
    code: 'native-build-failed',
    cause: error,
  });
};

/** All that decides what is made of `native/`. */
export async function nativeInputs(context: Context, machine: Machine) {
  const source = await sourceHash(NATIVE, isSource);
  return { recipe: RECIPE, arch: machine.arch, source, compiler: await compilerVersion(context, machine) };
}

/** Makes something of `native/` for a machine. */
export async function make(context: Context, machine: Machine, words: readonly string[]): Promise<void> {
  const target = [`ARCH=${machine.arch}`, `CROSS=${crossPrefix(machine)}`];
  const env = { ...context.env, LC_ALL: 'C' };
  const args = ['-s', '-C', NATIVE, `-j${availableParallelism()}`, ...target, ...words];
  await run('make', args, { signal: context.signal, limitSeconds: LIMIT_SECONDS, env });
}
