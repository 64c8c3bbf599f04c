import type { Target } from '../lib/ids.ts';
import type { OnProgress } from '../lib/progress.ts';
import type { Scenario } from '../lib/scenario.ts';
import type { Catalogue, KernelSources } from '../provision/index.ts';

/** What every word needs that works on one target. */
export interface TargetOptions {
  target: Target;
  scenarios: readonly Scenario[];
  catalogue: Catalogue;
  /** Where the user's own sources of kernels are. */
  kernelSources: KernelSources;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  onProgress: OnProgress;
}
