import { z } from 'zod';
import { asciiJson } from './ascii-json.ts';
import { UserError } from './errors.ts';
import { LANES } from './ids.ts';

/** The job that is written into a guest's mailbox; docs/formats.md says what each key means. */

/** What the mailbox page holds behind its header. */
export const JOB_BYTES = 4080;

/** Words become C strings in the guest. */
const word = z.string().refine((text) => !text.includes('\0'), 'a word cannot hold a NUL byte');
const sysctls = z.record(z.string(), word);

/** What the command may do beyond an ordinary user, and which calls fail with EPERM for it; the agent knows the same names. */
export const CAPABILITIES = ['sys_ptrace'] as const;
export const BLOCKABLE = ['ptrace', 'process_vm_readv'] as const;

export const jobSchema = z.strictObject({
  v: z.literal(1),
  lane: z.enum(LANES),
  seed: z.string().regex(/^(0|[1-9]\d{0,19})$/, 'a decimal number of at most 64 bits'),
  limitMs: z.number().int().positive(),
  sysctl: sysctls,
  milestones: z.record(z.string(), sysctls),
  capabilities: z.array(z.enum(CAPABILITIES)),
  blocked: z.array(z.enum(BLOCKABLE)),
  truth: z.boolean(),
  /** As root, for what is not the warden's to hold; else as an ordinary user. */
  root: z.boolean(),
  leaks: z.boolean(),
  /** Of each hook what it comes to on the arch; their events name them by their place here. */
  hooks: z.array(z.array(z.base64())),
  argv: z.array(word).min(1),
  env: z.array(word.regex(/^[A-Za-z_][A-Za-z0-9_]*=/, 'NAME=value')),
});

export type Job = z.infer<typeof jobSchema>;

/** A job of no scenario's, as far as its command does not matter: an ordinary guest, and an ordinary user in it. */
export const PLAIN_JOB = {
  ...{ v: 1, lane: 'honest', seed: '1' },
  ...{ sysctl: {}, milestones: {}, capabilities: [], blocked: [], truth: false },
  ...{ root: false, leaks: false, hooks: [], env: [] },
} as const satisfies Partial<{ [K in keyof Job]: Readonly<Job[K]> }>;

/** Seconds of guest time that the longest of these may take. */
export const limitSecondsOf = (...jobs: readonly string[]): number =>
  Math.max(...jobs.map((job) => jobSchema.parse(JSON.parse(job)).limitMs)) / 1000;

/** The job as ASCII; `scenario` names who wrote too much when it does not fit. */
export function serializeJob(job: { readonly [K in keyof Job]: Readonly<Job[K]> }, scenario: string): string {
  const text = asciiJson(job);
  if (text.length > JOB_BYTES) {
    throw new UserError(`${scenario}: its job takes ${text.length} bytes, the mailbox holds ${JOB_BYTES}`, {
      code: 'job-too-big',
      hint: 'shorten the arguments, the milestones or the hooks in scenario.yaml',
    });
  }
  return text;
}
