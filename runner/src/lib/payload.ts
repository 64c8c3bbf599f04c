import type { ScenarioId, Target } from './ids.ts';
import type { Machine } from './machines/index.ts';

/** What provision hands to guest: everything one target boots with. All paths are absolute and stay in the cache. */
export interface Payload {
  target: Target;
  machine: Machine;
  kernelImage: string;
  /** uname -r */
  kernelRelease: string;
  /** Where the kernel came from, for reports: `package 6.1.170-1`, `release 6.13`, `local tree 6.13.7 (sha256:…)`. */
  kernelSource: string;
  /** Where the kernel's symbols are, address by address; only of kernels that were built here. */
  systemMap?: string | undefined;
  initramfs: string;
  /** By their paths in the guest: the programs that a person may want to debug, as they lie in the cache with their symbols. */
  programs: ReadonlyMap<string, string>;
  /** Words of the kernel's command line that this kernel has beside the usual ones. */
  parameters: readonly string[];
  /** Content hash over kernel image, its own parameters and initramfs; how much memory it has and on what machine is not in it. */
  key: string;
  /** What each scenario's attack became: its path in the guest, or the compiler's words. */
  attacks: ReadonlyMap<ScenarioId, { ok: true; path: string } | { ok: false; message: string }>;
}
