import { type Cache, type CacheInputs, checkUnchanged } from '../lib/cache.ts';
import { LabError } from '../lib/errors.ts';
import type { Context } from './context.ts';

/** A target cannot be had: its cells are `unavailable`, with this reason; the rest of the run goes on. */
export class Unavailable extends LabError {
  constructor(reason: string, hint: string, cause?: unknown) {
    super(reason, { code: 'target-unavailable', hint, cause });
  }
}

/** Codes of failures that are about one package or one mirror, and not about the lab. */
const PASSING = new Set([
  'apt-failed',
  'no-apt-source',
  'bad-apt-index',
  'package-damaged',
  'source-damaged',
]);

/** Whether getting something over the network failed in a way that leaves the other targets alone. */
export const isPassing = (error: unknown): error is LabError =>
  error instanceof LabError && PASSING.has(error.code);

/**
 * The folder of a cache entry, built when it is not there. A context that is to be `ready` builds and downloads
 * nothing: what is missing makes the target unavailable.
 */
export async function obtain(
  context: Context,
  what: string,
  kind: string,
  inputs: CacheInputs,
  build: (dir: string) => Promise<void>,
): Promise<string> {
  if (!context.ready) return context.cache.entry(kind, inputs, build);
  const found = await context.cache.find(kind, inputs);
  if (found) return found;
  throw notReady(context.cache, what);
}

/** The same of what is made of files that somebody may edit meanwhile. */
export async function obtainMade(
  context: Context,
  what: string,
  kind: string,
  inputs: () => Promise<CacheInputs>,
  build: (dir: string) => Promise<void>,
): Promise<string> {
  const before = await inputs();
  return obtain(context, what, kind, before, async (dir) => {
    await build(dir);
    await checkUnchanged(what, before, inputs);
  });
}

export function notReady(cache: Cache, what: string): Unavailable {
  return new Unavailable(
    `${what} is not in the cache ${cache.root}, and --ready builds and downloads nothing`,
    'run it once without --ready',
  );
}
