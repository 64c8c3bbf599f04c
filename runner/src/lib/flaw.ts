import { z } from 'zod';

/** What can be wrong with a schedule: each the verdict that it leads to when nothing worse does, the worst first. */
export const FLAW_KINDS = ['unsupported', 'crashed', 'hung', 'error', 'inconclusive'] as const;

/** Why a schedule is no evidence, or not enough. */
export interface Flaw {
  kind: (typeof FLAW_KINDS)[number];
  text: string;
}

/** Schedules of a search that are no evidence; `detail` is of the first one. */
export const flawCountSchema = z.strictObject({
  kind: z.enum(FLAW_KINDS),
  count: z.number().int().positive(),
  detail: z.string(),
});
export type FlawCount = z.infer<typeof flawCountSchema>;

export const worstFlaw = (flaws: readonly Flaw[]): Flaw | undefined =>
  FLAW_KINDS.flatMap((kind) => flaws.filter((flaw) => flaw.kind === kind))[0];

/** `2 hung (no progress), 1 error (…)` */
export const flawCountsText = (counts: readonly FlawCount[]): string =>
  counts.map(({ kind, count, detail }) => `${count} ${kind} (${detail})`).join(', ');
