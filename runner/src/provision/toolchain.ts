import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { LabError } from '../lib/errors.ts';
import type { Machine } from '../lib/machines/index.ts';
import { run } from '../lib/process.ts';
import type { Context } from './context.ts';
import { once } from './once.ts';
import { Unavailable } from './unavailable.ts';

/** A cross compiler: the prefix of all its tools, and the one that compiles. */
export interface Compiler {
  /** With its dash: `arm-linux-gnueabihf-`. The host's own tools have one too. */
  prefix: string;
  cc: string;
}

/** The compiler of a GNU triple, as the distribution has it, or one of its other versions. */
export const compilerOf = (triple: string, version?: number): Compiler => ({
  prefix: `${triple}-`,
  cc: `${triple}-gcc${version === undefined ? '' : `-${version}`}`,
});

export const crossPrefix = (machine: Machine): string => compilerOf(machine.gnuTriple).prefix;

/** The first line of the compiler's --version: what everything built is keyed by. */
export const compilerVersion = (context: Context, machine: Machine): Promise<string> =>
  versionOf(context, compilerOf(machine.gnuTriple));

export function versionOf(context: Context, { cc }: Compiler): Promise<string> {
  return once(context, cc, async () => {
    try {
      const options = { signal: context.signal, env: context.env, limitSeconds: 20 };
      const result = await run(cc, ['--version'], options);
      return result.stdout.split('\n')[0] ?? '';
    } catch (error) {
      if (!(error instanceof LabError) || error.code !== 'program-missing') throw error;
      throw new Unavailable(`there is no compiler ${cc}`, '`npm run doctor` says how to get it', error);
    }
  });
}

/** The major version in the first line of a GCC's --version; undefined when that is worded otherwise. */
export function majorOfGcc(line: string): number | undefined {
  const found = /(\d+)\.\d+\.\d+(?!.*\d+\.\d+\.\d+)/.exec(line)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Versions below this one build no kernel the lab knows. */
const OLDEST_GCC = 8;

/**
 * The newest compiler of a triple that is not newer than what a kernel is known to build with. Where there is none
 * the distribution's own is tried all the same.
 */
export async function compilerUpTo(context: Context, triple: string, newest: number): Promise<Compiler> {
  const usual = compilerOf(triple);
  const version = majorOfGcc(await versionOf(context, usual));
  if (version === undefined || version <= newest) return usual;
  for (let older = newest; older >= OLDEST_GCC; older -= 1) {
    const compiler = compilerOf(triple, older);
    if (hasProgram(compiler.cc, context.env.PATH)) return compiler;
  }
  return usual;
}

export function hasProgram(name: string, searchPath = ''): boolean {
  return searchPath.split(path.delimiter).some((dir) => {
    try {
      accessSync(path.join(dir, name), constants.X_OK);
      return dir !== '';
    } catch {
      return false;
    }
  });
}
