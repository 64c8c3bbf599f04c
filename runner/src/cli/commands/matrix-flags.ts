import { z } from 'zod';
import { USED_BACKENDS } from '../../lib/ids.ts';
import { type PlanRequest, parseCount, parseList, parseShard } from '../../plan/index.ts';

const words = z.array(z.string()).optional();
const word = z.string().optional();

/** As commander hands them over, words not yet looked into; and as a journal keeps them. */
export const matrixFlagsSchema = z.strictObject({
  arch: words,
  kernel: words,
  kernelSource: words,
  scenario: words,
  scenarios: words,
  backend: z.enum(['auto', ...USED_BACKENDS]),
  mode: z.enum(['sealed', 'live']),
  profile: z.string(),
  schedules: word,
  trials: word,
  seed: z.string(),
  jobs: word,
  shard: word,
  strict: z.boolean().optional(),
  ready: z.boolean().optional(),
  out: word,
  json: z.boolean().optional(),
  history: word,
  resume: word,
});

export type MatrixFlags = z.infer<typeof matrixFlagsSchema>;

/** Attributes by commander's names: with `--resume` they come from the run itself. */
export const OF_THE_RUN = [
  ...['arch', 'kernel', 'kernelSource', 'scenario', 'scenarios', 'backend', 'mode', 'profile'],
  ...['schedules', 'trials', 'seed', 'shard', 'out'],
];

/** What was asked for at first, with what was asked of this part alone. */
export const resumedFlags = (first: MatrixFlags, now: MatrixFlags): MatrixFlags => ({
  ...first,
  ...{ jobs: now.jobs ?? first.jobs, strict: now.strict ?? first.strict },
  ...{ ready: now.ready, json: now.json, resume: now.resume, history: now.history ?? first.history },
});

export function requestOf(flags: MatrixFlags): PlanRequest {
  const list = (flag: string, given?: string[]) => given && parseList(flag, given);
  const count = (flag: string, given?: string) => (given === undefined ? undefined : parseCount(flag, given));
  return {
    profile: flags.profile,
    arches: list('--arch', flags.arch),
    kernels: list('--kernel', flags.kernel),
    scenarios: list('--scenario', flags.scenario),
    backend: flags.backend,
    mode: flags.mode,
    schedules: count('--schedules', flags.schedules),
    trials: count('--trials', flags.trials),
    shard: flags.shard === undefined ? undefined : parseShard('--shard', flags.shard),
  };
}

/** All that decides what a cell does, so that it does the same again; a backend that was forced is in the cell's id. */
export function rerunFlags(flags: MatrixFlags, seed: string): string[] {
  const given = (flag: string, value: string | undefined): string[] =>
    value === undefined ? [] : [flag, value];
  return [
    ...given('--profile', flags.profile === 'default' ? undefined : flags.profile),
    ...given('--mode', flags.mode === 'sealed' ? undefined : flags.mode),
    ...given('--schedules', flags.schedules),
    ...given('--trials', flags.trials),
    ...(flags.kernelSource ?? []).flatMap((source) => ['--kernel-source', source]),
    ...(flags.scenarios ?? []).flatMap((dir) => ['--scenarios', dir]),
    ...['--seed', seed],
  ];
}
