import { z } from 'zod';
import { suggestion } from './problem.ts';

/** A policy as written: docs/filter-language.md. */

const ACTIONS = ['allow', 'deny', 'kill'] as const;

const actionSchema = z.union([z.enum(ACTIONS), z.strictObject({ errno: z.string().min(1) })], {
  error: ({ input }) => {
    const help = typeof input === 'string' ? suggestion(input, ACTIONS) : '';
    return `an action is allow, deny, kill or { errno: NAME }${help}`;
  },
});

const ruleSchema = z.strictObject({
  syscall: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  when: z.string().min(1).optional(),
  action: actionSchema,
});

export const policySchema = z.strictObject({
  default: actionSchema.default('allow'),
  rules: z.array(ruleSchema).default([]),
});

export type PolicyFile = z.infer<typeof policySchema>;
export type Action = z.infer<typeof actionSchema>;

/** With the line of each rule, for whoever wants to find it again. */
export interface Policy extends PolicyFile {
  lines: readonly number[];
}

/** One that lets everything be done. */
export const PERMISSIVE: Policy = { default: 'allow', rules: [], lines: [] };
