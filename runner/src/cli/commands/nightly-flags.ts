import { z } from 'zod';
import type { MatrixFlags } from './matrix-flags.ts';

const words = z.array(z.string()).optional();
const word = z.string().optional();

/** As commander hands them over, and as nightly.json keeps them. */
export const nightlyFlagsSchema = z.strictObject({
  ...{ arch: words, kernel: words, kernelSource: words, scenario: words, scenarios: words },
  ...{ profile: z.string(), schedules: word, trials: word, seed: z.string(), jobs: word },
  ...{ search: z.string(), searchFor: z.string(), days: z.string(), history: z.string(), out: word },
  ...{ strict: z.boolean().optional(), resume: word },
});

export type NightlyFlags = z.infer<typeof nightlyFlagsSchema>;

/** Attributes by commander's names: with `--resume` they come from the night itself. */
export const OF_THE_NIGHT = [
  ...['arch', 'kernel', 'kernelSource', 'scenario', 'scenarios', 'profile', 'schedules', 'trials', 'seed'],
  ...['search', 'searchFor', 'out', 'history', 'days'],
];

/** One part of the night, as if it had been typed. */
export function matrixFlags(
  flags: NightlyFlags,
  part: { backend: MatrixFlags['backend']; scenario: string[] | undefined; out: string | undefined },
): MatrixFlags {
  const { arch, kernel, kernelSource, scenarios, profile, schedules, trials, seed, jobs, strict } = flags;
  return {
    ...{ arch, kernel, kernelSource, scenarios, profile, schedules, trials, seed, jobs, strict },
    ...{ mode: 'sealed', ...part },
  };
}
