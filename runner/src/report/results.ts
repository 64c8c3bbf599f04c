import { RESULTS_SCHEMA, type RunOutcome, VERDICTS, type Verdict } from '../lib/verdict.ts';
import { type Results, resultsSchema } from './results-schema.ts';

/** The run as results.json has it. It is parsed by the schema its readers use: what they would refuse is not written. */
export function resultsOf({ run, cells, scenarios, targets }: RunOutcome): Results {
  const seed = Number(run.seed);
  return resultsSchema.parse({
    schema: RESULTS_SCHEMA,
    run: { ...run, seed: Number.isSafeInteger(seed) ? seed : run.seed },
    cells,
    scenarios,
    targets,
    summary: summaryOf(cells),
  });
}

export function summaryOf(cells: readonly { verdict: Verdict }[]): Record<Verdict, number> {
  const none = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0]));
  const summary = none as Record<Verdict, number>;
  for (const { verdict } of cells) summary[verdict] += 1;
  return summary;
}

export const resultsText = (results: Results): string => `${JSON.stringify(results, null, 2)}\n`;
