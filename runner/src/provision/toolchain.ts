import { LabError } from '../lib/errors.ts';
import type { Machine } from '../lib/machines/index.ts';
import { run } from '../lib/process.ts';
import type { Context } from './context.ts';
import { once } from './once.ts';
import { Unavailable } from './unavailable.ts';

/** The prefix of a machine's cross tools, with its dash: `arm-linux-gnueabihf-`. The host's own has one too. */
export const crossPrefix = (machine: Machine): string => `${machine.gnuTriple}-`;

/** The first line of the compiler's --version: what everything built is keyed by. */
export function compilerVersion(context: Context, machine: Machine): Promise<string> {
  const compiler = `${crossPrefix(machine)}gcc`;
  return once(context, compiler, async () => {
    try {
      const result = await run(compiler, ['--version'], {
        signal: context.signal,
        env: context.env,
        limitSeconds: 20,
      });
      return result.stdout.split('\n')[0] ?? '';
    } catch (error) {
      if (!(error instanceof LabError) || error.code !== 'program-missing') throw error;
      throw new Unavailable(
        `there is no compiler ${compiler} for ${machine.arch}`,
        '`npm run doctor` says how to get it',
        error,
      );
    }
  });
}
