import { z } from 'zod';
import { UserError } from './errors.ts';
import { hooksSchema } from './hooks/index.ts';
import { archSchema, kernelIdSchema, LANES, scenarioIdSchema } from './ids.ts';
import { JOB_BYTES, jobSchema } from './job.ts';

/** The one file that a run can be had again from; docs/formats.md says what each key means. */

export const CAPSULE = 2;
/** By which a capsule is known among other files. */
export const CAPSULE_SUFFIX = '.capsule.json';
/** In place of it: the file that shows the same schedule in a trace viewer. */
export const TRACE_SUFFIX = '.trace.json';
/** In place of it: what happened around the breach, for a page. */
export const TIMELINE_SUFFIX = '.timeline.json';

const sha256 = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

const inputsSchema = z.strictObject({
  kernel: sha256,
  initramfs: sha256,
  qemu: z.string(),
  /** Of the boot that made the checkpoint, with fixed words in place of files and sockets. */
  args: z.array(z.string()),
  /** How a checkpoint is made; another number, another recipe. */
  checkpoint: count,
});
/** All that a run depends on beside its job. */
export type CapsuleInputs = z.infer<typeof inputsSchema>;

const jobText = z
  .string()
  .max(JOB_BYTES)
  .refine((text) => {
    try {
      return jobSchema.safeParse(JSON.parse(text)).success;
    } catch {
      return false;
    }
  }, 'not a job');

export const capsuleSchema = z.strictObject({
  capsule: z.literal(CAPSULE),
  cell: z.string(),
  scenario: scenarioIdSchema,
  arch: archSchema,
  kernel: kernelIdSchema,
  lane: z.enum(LANES),
  shape: z.string(),
  /** Where the kernel came from, and what it calls itself. */
  kernelSource: z.string(),
  kernelRelease: z.string(),
  inputs: inputsSchema,
  /** Jobs that the guest has run before, one after another, since its checkpoint. */
  before: z.array(jobText),
  /** As it is written into the guest's mailbox. */
  job: jobText,
  /** Guest seconds that each may take. */
  limitSeconds: z.number().positive(),
  expected: z.strictObject({ digest: sha256, trials: count, breaches: count }),
  /** How it was found, where it was searched for; its levers are in the job as well. */
  found: z.strictObject({ strategy: z.string(), levers: hooksSchema }).optional(),
  /** How many of how many repeats, made at once, were the same to the bit. */
  repeats: z.strictObject({ same: count, of: count }).optional(),
});
export type Capsule = z.infer<typeof capsuleSchema>;

export const capsuleText = (capsule: Capsule): string => `${JSON.stringify(capsule, null, 1)}\n`;

/** Reads a capsule's text; `file` only names it. Whatever is wrong with it is the user's to mend. */
export function parseCapsule(file: string, text: string): Capsule {
  const value = parseJson(file, text);
  const version = z.object({ capsule: z.number() }).safeParse(value).data?.capsule;
  if (version !== undefined && version !== CAPSULE) {
    throw new UserError(`${file}: a capsule of version ${version}, and this one reads ${CAPSULE}`, {
      code: 'capsule-version',
      hint: version > CAPSULE ? 'a newer photofinish made it: replay it with that' : 'make it anew',
    });
  }
  const parsed = capsuleSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'the whole of it';
  throw new UserError(`${file}: no capsule: ${where}: ${issue?.message ?? 'not as it should be'}`, {
    code: 'capsule-wrong',
    hint: `capsules end in ${CAPSULE_SUFFIX} and lie in a run's folder, below cells/`,
  });
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`${file}: not JSON, or not all of it (${why})`, {
      code: 'capsule-truncated',
      hint: 'was it copied whole?',
      cause,
    });
  }
}
