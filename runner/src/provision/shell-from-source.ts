import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { LabError } from '../lib/errors.ts';
import type { Machine } from '../lib/machines/index.ts';
import { run } from '../lib/process.ts';
import type { Context } from './context.ts';
import { checkElf } from './elf.ts';
import { firstSuite } from './first-suite.ts';
import { busy } from './once.ts';
import { findSources, type SourcePackage, unpackSource } from './source-package.ts';
import { compilerVersion, crossPrefix } from './toolchain.ts';
import { obtain } from './unavailable.ts';

/**
 * How one program is made of its source. A recipe is data, and all of it is part of what the result is keyed by;
 * `{prefix}` in a word is the cross tools' prefix with its dash, `{host}` without.
 */
export interface Recipe {
  /** Written into the tree before the first step. */
  files: Readonly<Record<string, string>>;
  /** Commands, run one after the other in the tree. */
  steps: readonly (readonly [string, ...string[]])[];
  /** The program that is there afterwards. */
  built: string;
  /** Its place in the guest. */
  program: string;
}

/** By source package. */
export const recipes = {
  // Configured as the distribution's own static package is, so that a shell has the same tools on every arch, but for
  // tc: it needs headers that Linux 6.8 removed.
  busybox: {
    files: {},
    steps: [
      ['bash', '-c', "sed 's/^CONFIG_TC=y$/# CONFIG_TC is not set/' debian/config/pkg/static > .config"],
      ['make', '-s', 'CROSS_COMPILE={prefix}', 'oldconfig'],
      ['make', '-s', 'CROSS_COMPILE={prefix}', 'busybox'],
    ],
    built: 'busybox',
    program: 'bin/busybox',
  },
  // Cross compilers come without libcrypt; no guest has a password that could be asked for.
  dropbear: {
    files: { 'localoptions.h': '#define DROPBEAR_SVR_PASSWORD_AUTH 0\n' },
    steps: [
      [
        ...(['./configure', '-q', '--host={host}', '--enable-static', '--enable-bundled-libtom'] as const),
        ...['--disable-zlib', '--disable-lastlog', '--disable-utmp', '--disable-utmpx'],
        ...['--disable-wtmp', '--disable-wtmpx', '--disable-loginfunc', 'CC={prefix}gcc', 'CFLAGS=-O2'],
      ],
      ['make', '-s', 'PROGRAMS=dropbear', 'STATIC=1'],
      ['{prefix}strip', 'dropbear'],
    ],
    built: 'dropbear',
    program: 'usr/sbin/dropbear',
  },
} as const satisfies Record<string, Recipe>;

export type Source = keyof typeof recipes;
export const SOURCES = Object.keys(recipes) as Source[];

const BUILD_LIMIT_SECONDS = 1800;

/** What the shell of an arch without packages is keyed by, before its sources are known. */
export async function sourceInputs(context: Context, machine: Machine, sources: readonly Source[]) {
  const compiler = await compilerVersion(context, machine);
  return { compiler, recipes: sources.map((name) => recipes[name]) };
}

/** Puts the programs of source packages, built statically for a machine, at their places below a folder. */
export async function buildFromSource(
  context: Context,
  machine: Machine,
  { suites, sources }: { suites: readonly string[]; sources: readonly Source[] },
  dir: string,
): Promise<void> {
  const what = `source of the shell's programs`;
  const found = await firstSuite(suites, what, (suite) =>
    findSources(context, suite, machine.debianArch, sources),
  );
  // One after the other: each build keeps all processors busy.
  for (const source of found) {
    const recipe = recipes[source.name];
    const place = path.join(dir, recipe.program);
    await mkdir(path.dirname(place), { recursive: true });
    await copyFile(await programOf(context, machine, source, recipe), place);
  }
}

/** One program, in the cache. */
export async function programOf(
  context: Context,
  machine: Machine,
  source: SourcePackage,
  recipe: Recipe,
): Promise<string> {
  const { release, additions } = source;
  const inputs = {
    ...{ arch: machine.arch, compiler: await compilerVersion(context, machine) },
    ...{ release: release.sha256, additions: additions.sha256 },
    recipe: { ...recipe, steps: recipe.steps.map((step) => [...step]) },
  };
  const what = `${source.name} for ${machine.arch}`;
  const dir = await obtain(context, what, 'shell-source', inputs, async (building) => {
    const tree = path.join(building, 'tree');
    await unpackSource(context, source, tree);
    for (const [name, text] of Object.entries(recipe.files)) await writeFile(path.join(tree, name), text);
    await busy(context, () => build(context, machine, recipe, tree)).catch(nameTheProgram(source, machine));
    await checkElf(path.join(tree, recipe.built), machine);
    await copyFile(path.join(tree, recipe.built), path.join(building, 'program'));
    await rm(tree, { recursive: true });
  });
  return path.join(dir, 'program');
}

async function build(context: Context, machine: Machine, recipe: Recipe, tree: string): Promise<void> {
  const prefix = crossPrefix(machine);
  // Nothing else of the host's environment: CFLAGS and the like there would be inputs that nobody sees.
  const env = {
    ...{ PATH: context.env.PATH, TMPDIR: context.env.TMPDIR, LC_ALL: 'C', SOURCE_DATE_EPOCH: '0' },
    MAKEFLAGS: `-j${availableParallelism()}`,
  };
  for (const step of recipe.steps) {
    const words = step.map((word) => word.replace('{prefix}', prefix).replace('{host}', machine.gnuTriple));
    const [program = '', ...args] = words;
    // Whoever asks (oldconfig, on another version) gets the default.
    const options = { cwd: tree, env, input: '\n'.repeat(200), limitSeconds: BUILD_LIMIT_SECONDS };
    await run(program, args, { ...options, signal: context.signal });
  }
}

const nameTheProgram = (source: SourcePackage, machine: Machine) => (error: unknown) => {
  if (!(error instanceof LabError) || error.code !== 'program-failed') throw error;
  const message = `${source.name} ${source.version} does not build for ${machine.arch}: ${error.message}`;
  throw new LabError(message, { code: 'shell-build-failed', cause: error });
};
