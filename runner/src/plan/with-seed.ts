import { reseedHook } from '../lib/hooks/index.ts';
import type { Arch } from '../lib/ids.ts';
import type { Job } from '../lib/job.ts';

/** The same job, had it been made for another seed. Hooks keep a seed that was written for them. */
export function withSeed(job: Job, arch: Arch, seed: bigint): Job {
  const before = BigInt(job.seed);
  return {
    ...job,
    seed: String(seed),
    hooks: job.hooks.map((parts) => parts.map((part) => reseedHook(part, arch, before, seed))),
    env: job.env.map((word) => (word === `PF_SEED=${job.seed}` ? `PF_SEED=${seed}` : word)),
  };
}
