import { z } from 'zod';
import { CERTAINTIES } from '../lib/certificate.ts';
import { archSchema, kernelIdSchema, scenarioIdSchema } from '../lib/ids.ts';
import { sealedSearchSchema } from '../lib/sealed-search.ts';
import { RESULTS_SCHEMA, VERDICTS } from '../lib/verdict.ts';

/** The schema of results.json, for everyone who reads one. */

const count = z.number().int().nonnegative();
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const laneSchema = z.strictObject({
  schedules: count,
  trials: count,
  breaches: count,
  breachedSchedules: count,
  breachCounts: z.array(count),
  refused: count,
  digest: digest.nullable(),
});

const share = z.number().min(0).max(1);

const certificateSchema = z.strictObject({
  ...{ certainty: z.enum(CERTAINTIES), seed: z.string() },
  ...{ same: count, breached: count, of: count, low: share, high: share },
});

export const cellResultSchema = z.strictObject({
  id: z.string(),
  scenario: scenarioIdSchema,
  arch: archSchema,
  kernel: kernelIdSchema,
  kernelRelease: z.string().nullable(),
  kernelSource: z.string().optional(),
  backend: z.string().nullable(),
  mode: z.enum(['sealed', 'live']),
  verdict: z.enum(VERDICTS),
  reason: z.string().nullable(),
  expected: z.enum(VERDICTS),
  asExpected: z.boolean(),
  plan: digest.optional(),
  seconds: z.number().nonnegative(),
  lanes: z.strictObject({
    control: laneSchema.optional(),
    guarded: laneSchema.optional(),
    honest: laneSchema.optional(),
  }),
  breachRateBelow: z.number().positive().max(1).nullable(),
  findings: z.array(z.string()),
  capsules: z.array(z.string()),
  certificates: z.array(certificateSchema).optional(),
  sealedSearch: sealedSearchSchema.optional(),
  console: z.string().nullable(),
});

export const runInfoSchema = z.strictObject({
  id: z.string().min(1),
  startedAt: z.iso.datetime(),
  seconds: z.number().nonnegative(),
  command: z.string(),
  /** A number where a double holds it exactly, else a decimal string. */
  seed: z.union([count, z.string().regex(/^\d{16,20}$/)]),
  profile: z.string(),
  rerun: z.array(z.string()),
  shard: z
    .strictObject({
      ...{ index: count.min(1), count: count.min(1) },
      ...{ plan: digest.optional(), cells: count.min(1).optional() },
    })
    .optional(),
  host: z.strictObject({ qemu: z.string(), cores: z.number().int().positive() }),
});

export const scenariosSchema = z.record(z.string(), z.strictObject({ claim: z.string() }));

export const resultsSchema = z.strictObject({
  schema: z.literal(RESULTS_SCHEMA),
  run: runInfoSchema,
  cells: z.array(cellResultSchema),
  scenarios: scenariosSchema,
  targets: z.record(z.string(), z.strictObject({ inputs: z.string() })),
  summary: z.record(z.enum(VERDICTS), count),
});

export type Results = z.infer<typeof resultsSchema>;
