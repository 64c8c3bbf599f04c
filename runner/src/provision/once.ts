import { availableParallelism } from 'node:os';
import PQueue from 'p-queue';
import type { Context } from './context.ts';

const results = new Map<string, Promise<unknown>>();

/** Targets are provisioned side by side: what all of them ask for is done once per process and cache. */
export function once<T>(context: Context, name: string, work: () => Promise<T>): Promise<T> {
  const key = `${context.cache.root}\n${context.refreshedAt}\n${name}`;
  const known = results.get(key);
  // The key names the work, and with it the type of its result.
  if (known) return known as Promise<T>;
  const started = work().catch((error: unknown) => {
    results.delete(key);
    throw error;
  });
  results.set(key, started);
  return started;
}

const processors = new PQueue({ concurrency: availableParallelism() });

/** Work that keeps a processor busy waits for a free one, so that many targets do not slow each other down. */
export function busy<T>(context: Context, work: () => Promise<T>): Promise<T> {
  return processors.add(work, { signal: context.signal });
}
