import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import {
  diffLines,
  diffRuns,
  printable,
  readHistory,
  readResults,
  trendLines,
  trendOf,
} from '../../report/index.ts';
import { type CommandContext, EXIT, wantsColor } from '../context.ts';

export interface ReportDiffFlags {
  json?: boolean;
}

/** What changed between two runs; ends with 1 when a cell is not as expected any more. */
export async function reportDiff(
  before: string,
  after: string,
  flags: ReportDiffFlags,
  { stdout, env, cwd }: CommandContext,
): Promise<number> {
  const runs = [await readResults(before, cwd), await readResults(after, cwd)] as const;
  const diff = diffRuns(...runs);
  if (flags.json) stdout.write(`${JSON.stringify({ schema: 1, ...diff }, null, 2)}\n`);
  else stdout.write(`${diffLines(diff, wantsColor(stdout, env)).join('\n')}\n`);
  const worse = diff.flipped.some((pair) => pair.before.asExpected && !pair.after.asExpected);
  return worse ? EXIT.notAsExpected : EXIT.asExpected;
}

export interface ReportTrendFlags {
  history: string;
  json?: boolean;
}

/** How the runs of a history came out. */
export async function reportTrend(
  flags: ReportTrendFlags,
  { cwd, stdout, stderr }: CommandContext,
): Promise<number> {
  const { runs, notes } = await readHistory(path.resolve(cwd, flags.history));
  for (const note of notes) stderr.write(`${printable(note)}\n`);
  if (runs.length === 0) {
    throw new UserError(`${flags.history}: there is no run in it`, {
      code: 'no-history',
      hint: '`npm run matrix -- --history DIR` keeps its run there',
    });
  }
  const trend = trendOf(runs);
  if (flags.json) stdout.write(`${JSON.stringify({ schema: 1, ...trend }, null, 2)}\n`);
  else stdout.write(`${trendLines(trend).join('\n')}\n`);
  return EXIT.asExpected;
}
