import type PQueue from 'p-queue';
import type { Cache } from '../lib/cache.ts';
import type { Arch } from '../lib/ids.ts';
import type { OnProgress } from '../lib/progress.ts';
import type { Judge, Render, Weigh } from '../lib/verdict.ts';
import type { Past } from './index.ts';
import type { Journal } from './journal.ts';

/** What every part of one run shares. */
export interface RunContext {
  seed: string;
  outDir: string;
  signal: AbortSignal;
  onProgress: OnProgress;
  judge: Judge;
  weigh: Weigh;
  render: Render;
  cache: Cache;
  journal: Journal;
  past: Past | undefined;
  /** By target, of those that were booted: what with and on. */
  inputs: Map<string, string>;
  /** Versions, of every arch that can be run. */
  qemu: ReadonlyMap<Arch, string>;
  /** Everything that starts a QEMU goes through here: as many at once as the run has jobs. */
  queue: PQueue;
}
