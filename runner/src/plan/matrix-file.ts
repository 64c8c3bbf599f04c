import { z } from 'zod';
import { ARCHES } from '../lib/ids.ts';
import { VERDICTS, type Verdict } from '../lib/verdict.ts';
import { readYaml } from '../lib/yaml-file.ts';
import { globMatches } from './glob.ts';
import { unknownNameText } from './names.ts';

/** How many: a factor on each scenario's own numbers, or fixed numbers for each lane. */
const amount = z.union([
  z.number().positive().max(1000),
  z.strictObject({
    control: z.number().int().positive(),
    guarded: z.number().int().positive(),
    honest: z.number().int().positive(),
  }),
]);

const profileSchema = z.strictObject({
  arches: z.array(z.string()).min(1),
  kernels: z.array(z.string()).min(1),
  scenarios: z.array(z.string()).min(1),
  schedules: amount.default(1),
  trials: amount.default(1),
});

const matrixSchema = z.strictObject({
  profiles: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), profileSchema),
  expected: z.record(z.string(), z.enum(VERDICTS)).default({}),
});

export type MatrixFile = z.infer<typeof matrixSchema>;
export type Profile = z.infer<typeof profileSchema>;
export type Amount = z.infer<typeof amount>;

export interface KnownNames {
  kernels: readonly string[];
  scenarios: readonly string[];
}

/** Reads scenarios/matrix.yaml; names in it that nothing matches are errors with their place. */
export async function loadMatrixFile(file: string, known: KnownNames): Promise<MatrixFile> {
  return readYaml(file, matrixSchemaFor(known));
}

export function matrixSchemaFor(known: KnownNames) {
  return matrixSchema.superRefine((matrix, context) => {
    for (const { path, message } of matrixProblems(matrix, known)) {
      context.addIssue({ code: 'custom', path, message });
    }
  });
}

function matrixProblems(matrix: MatrixFile, known: KnownNames) {
  const problems: { path: (string | number)[]; message: string }[] = [];
  for (const [name, profile] of Object.entries(matrix.profiles)) {
    const check = (
      key: 'arches' | 'kernels' | 'scenarios',
      kind: 'arch' | 'kernel' | 'scenario',
      names: readonly string[],
    ) =>
      profile[key].forEach((want, index) => {
        if (names.some((known) => globMatches(want, known))) return;
        problems.push({ path: ['profiles', name, key, index], message: unknownNameText(kind, want, names) });
      });
    check('arches', 'arch', ARCHES);
    check('kernels', 'kernel', known.kernels);
    check('scenarios', 'scenario', known.scenarios);
  }
  for (const glob of Object.keys(matrix.expected)) {
    const [scenario = ''] = glob.split('@');
    if (known.scenarios.some((id) => globMatches(scenario, id))) continue;
    problems.push({
      path: ['expected', glob],
      message: unknownNameText('scenario', scenario, known.scenarios),
    });
  }
  return problems;
}

/** What a cell is expected to be: of the globs that match, the last one written decides; `held` where none does. */
export function expectedVerdict(matrix: MatrixFile, cell: string): Verdict {
  const matching = Object.entries(matrix.expected).filter(([glob]) => globMatches(glob, cell));
  return matching.at(-1)?.[1] ?? 'held';
}
