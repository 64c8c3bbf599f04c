import { cp, mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { LabError } from '../lib/errors.ts';
import type { ScenarioId } from '../lib/ids.ts';
import type { Machine } from '../lib/machines/index.ts';
import { run } from '../lib/process.ts';
import { projectRoot } from '../lib/project.ts';
import type { Scenario } from '../lib/scenario.ts';
import type { Context } from './context.ts';
import { checkElf } from './elf.ts';
import { busy } from './once.ts';
import { sourceHash } from './source-hash.ts';
import { compilerVersion, crossPrefix } from './toolchain.ts';
import { obtain } from './unavailable.ts';

const RECIPE = 1;
const LIMIT_SECONDS = 300;
const NATIVE = path.join(projectRoot, 'native');
export const PROGRAMS = ['agent', 'warden', 'witness'] as const;

/** What the user space of a guest is made of; the module's headers are in it for the interface they share. */
const isSource = (name: string): boolean =>
  (/^(lib|agent|warden|kit)\/.*\.[ch]$/.test(name) ||
    /^hooks\/[^/]*\.h$/.test(name) ||
    name === 'Makefile') &&
  !/(^|\/)test\//.test(name);

/** The folder with `bin/agent`, `bin/warden` and `bin/witness` for a machine. */
export async function nativeBinaries(context: Context, machine: Machine): Promise<string> {
  const inputs = await nativeInputs(context, machine);
  return obtain(context, `the guest's programs for ${machine.arch}`, 'native', inputs, async (dir) => {
    await busy(context, () => make(context, machine, ['all', `OUT=${dir}`])).catch(nameTheBuild(machine));
    for (const program of PROGRAMS) await checkElf(path.join(dir, 'bin', program), machine);
  });
}

/** Nothing can be run without these, so this is the lab's trouble and no target's. */
const nameTheBuild = (machine: Machine) => (error: unknown) => {
  if (!(error instanceof LabError) || error.code !== 'program-failed') throw error;
  throw new LabError(`the guest's programs do not build for ${machine.arch}: ${error.message}`, {
    code: 'native-build-failed',
    cause: error,
  });
};

async function nativeInputs(context: Context, machine: Machine) {
  const source = await sourceHash(NATIVE, isSource);
  return { recipe: RECIPE, arch: machine.arch, source, compiler: await compilerVersion(context, machine) };
}

/** What an attack program is made of: a C file, and the headers beside it. */
export type AttackSource = Pick<Scenario, 'id' | 'dir' | 'attack'>;

/** An attack program, or the compiler's words: a scenario that does not compile is that scenario's trouble alone. */
export type BuiltAttack = { ok: true; file: string } | { ok: false; message: string };

export async function attackBinary(
  context: Context,
  machine: Machine,
  scenario: AttackSource,
): Promise<BuiltAttack> {
  const native = await nativeInputs(context, machine);
  const source = await sourceHash(scenario.dir, (name) => /\.[ch]$/.test(name));
  const inputs = { native, source, attack: scenario.attack };
  try {
    const dir = await obtain(
      context,
      `the attack ${scenario.id} for ${machine.arch}`,
      'attack',
      inputs,
      (building) => buildAttack(context, machine, scenario, building),
    );
    return { ok: true, file: path.join(dir, 'attack') };
  } catch (error) {
    if (error instanceof LabError && error.code === 'program-failed')
      return { ok: false, message: error.message };
    throw error;
  }
}

async function buildAttack(
  context: Context,
  machine: Machine,
  scenario: AttackSource,
  dir: string,
): Promise<void> {
  const scratch = path.join(dir, 'scratch');
  await mkdir(scratch);
  // The kit's objects are there already; their times are kept, so that make does not compile them again.
  const native = await nativeBinaries(context, machine);
  await cp(path.join(native, 'obj'), path.join(scratch, 'obj'), {
    recursive: true,
    preserveTimestamps: true,
  });
  const source = path.join(scenario.dir, scenario.attack);
  const name = attackName(scenario.id);
  await busy(context, () =>
    make(context, machine, ['attack', `OUT=${scratch}`, `SRC=${source}`, `NAME=${name}`]),
  );
  const built = path.join(scratch, 'attacks', name);
  await checkElf(built, machine);
  await cp(built, path.join(dir, 'attack'));
  await rm(scratch, { recursive: true });
}

export const attackName = (id: ScenarioId): string => id.replace('/', '-');

async function make(context: Context, machine: Machine, words: readonly string[]): Promise<void> {
  const target = [`ARCH=${machine.arch}`, `CROSS=${crossPrefix(machine)}`];
  const env = { ...context.env, LC_ALL: 'C' };
  const args = ['-s', '-C', NATIVE, `-j${availableParallelism()}`, ...target, ...words];
  await run('make', args, { signal: context.signal, limitSeconds: LIMIT_SECONDS, env });
}
