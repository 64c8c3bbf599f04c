import { z } from 'zod';
import { KIND_NAMES } from './kinds.ts';
import { COMM_BYTES } from './uapi.ts';

/** Hooks as written: docs/hooks.md. */

/** A number, or an expression of constants. */
const constantSchema = z.union([z.number().int(), z.string().min(1)]);

/** Whether a lever is pulled, and for how long, is drawn. */
const drawn = {
  'one-in': z.int32().positive().optional(),
  seed: z
    .union([z.number().int().nonnegative(), z.string().regex(/^\d{1,20}$/)])
    .refine((seed) => BigInt(seed) < 1n << 64n, 'a number of at most 64 bits')
    .optional(),
};

const deedSchema = z.union([
  z.literal('yield'),
  z.strictObject({ yield: z.literal(true), ...drawn }),
  z.strictObject({ hold: z.string().regex(/^\d{1,9}(?:ns|us|ms|s)$/, 'a time such as 500us'), ...drawn }),
  z.strictObject({ nice: z.number().int().min(-20).max(19), ...drawn }),
  z.strictObject({ fail: z.string().min(1) }),
  z.strictObject({ set: z.string().min(1), to: constantSchema }),
  z.strictObject({ result: constantSchema }),
]);

export const SCOPES = ['in', 'kept', 'kept-with-helpers'] as const;

export const hookSchema = z.strictObject({
  on: z.enum(KIND_NAMES),
  syscall: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
  when: z.string().min(1).optional(),
  comm: z
    .string()
    .regex(new RegExp(`^[\\x20-\\x7e]{1,${COMM_BYTES - 1}}$`), `a name of 1 to ${COMM_BYTES - 1} characters`)
    .optional(),
  scope: z.enum(SCOPES).optional(),
  priority: z.int32().default(0),
  record: z.boolean().default(true),
  do: deedSchema.optional(),
});

export const hooksSchema = z.array(hookSchema);
export const hooksFileSchema = z.strictObject({ hooks: hooksSchema });

export type Hook = z.infer<typeof hookSchema>;
export type Deed = z.infer<typeof deedSchema>;
