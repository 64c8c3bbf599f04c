import { setMaxListeners } from 'node:events';
import { cacheAt } from '../lib/cache.ts';
import type { OnProgress } from '../lib/progress.ts';
import type { Context, Environment, KernelSources } from './context.ts';
import { aptDownload } from './packages.ts';

/** What every word that provisions hands in. */
export interface ContextOptions {
  /** Build and download nothing. */
  ready: boolean;
  signal: AbortSignal;
  onProgress: OnProgress;
  env: Environment;
  cacheRoot: string;
  /** Where the user's own sources are. */
  kernelSources?: KernelSources;
}

/** `target` names it to the one who watches. */
export function contextOf(target: string, options: ContextOptions): Context {
  // Every program that runs at once listens to it, and that many is no leak.
  const signal = AbortSignal.any([options.signal]);
  setMaxListeners(0, signal);
  return {
    cache: cacheAt(options.cacheRoot),
    env: options.env,
    signal,
    ready: options.ready,
    now: () => new Date(),
    refreshedAt: 0,
    download: aptDownload,
    fetch: (url, init) => fetch(url, init),
    kernelSources: options.kernelSources ?? new Map(),
    onStep: (step, state, detail) =>
      options.onProgress({
        ...{ kind: 'provision', target, step, state },
        ...(detail === undefined ? {} : { detail }),
      }),
  };
}
