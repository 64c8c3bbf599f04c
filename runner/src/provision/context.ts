import type { Cache } from '../lib/cache.ts';
import type { StepState } from '../lib/progress.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Gets one file from where the distribution keeps it. Whether it is the right one is checked by the caller. */
export type Download = (context: Context, uri: string, file: string, bytes: number) => Promise<void>;

/** Absolute paths by a kernel's id. */
export type KernelSources = ReadonlyMap<string, string>;

/** What every step of provisioning needs; made once for each target. */
export interface Context {
  cache: Cache;
  env: Environment;
  signal: AbortSignal;
  now: () => Date;
  /** Nothing is built or downloaded: what is not in the cache cannot be had. */
  ready: boolean;
  /** 0; the minute of the epoch when an index turned out to be stale, so that it is fetched again. */
  refreshedAt: number;
  download: Download;
  /** Reads from the network; the process's own `fetch` unless a test has another. */
  fetch: (url: string, options: { method?: string; signal: AbortSignal }) => Promise<Response>;
  /** Where the user's own source of a kernel is: a tree or an archive of one, by the kernel's id. */
  kernelSources: KernelSources;
  onStep: (step: string, state: StepState, detail?: string) => void;
}

/** A step that the one who watches sees begin and end. */
export async function step<T>(context: Context, name: string, work: () => Promise<T>): Promise<T> {
  context.onStep(name, 'started');
  try {
    const result = await work();
    context.onStep(name, 'done');
    return result;
  } catch (error) {
    context.onStep(name, 'failed', error instanceof Error ? error.message : String(error));
    throw error;
  }
}
