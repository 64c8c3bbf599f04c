import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { describeError } from '../lib/errors.ts';
import type { RunOutcome } from '../lib/verdict.ts';
import {
  jobSummaryText,
  type Results,
  resultsOf,
  storedRunOf,
  summaryText,
  writePage,
  writeReports,
} from '../report/index.ts';
import { type CommandContext, wantsColor } from './context.ts';
import { keptTrend, type Trend } from './history.ts';

export interface RunPlace {
  /** The run's folder, and as a person would write it. */
  dir: string;
  shownDir: string;
  strict: boolean;
  /** Where a summary is kept, if anywhere. */
  history: string | undefined;
  context: CommandContext;
}

/** What programs read of a run when it is over, and its summary in the history. */
export async function writeRun(outcome: RunOutcome, place: RunPlace): Promise<{ results: Results } & Trend> {
  const { dir, shownDir, strict, history, context } = place;
  const options = { flags: outcome.run.rerun, outDir: shownDir, strict };
  await writeReports(dir, outcome, options);
  await tellGitHub(jobSummaryText(outcome, options), context);
  const results = resultsOf(outcome);
  return { results, ...(await keptTrend(history && path.resolve(context.cwd, history), results)) };
}

/** The page, when all else is written and said: it alone takes more than the run itself. */
export async function writeRunPage(
  outcome: RunOutcome,
  { trend, notes }: Trend,
  { dir, shownDir, context }: RunPlace,
): Promise<void> {
  const stored = { ...storedRunOf(outcome), notes };
  await writePage(stored, await context.stages.pageCode(context.env), { dir, shownDir, trend });
}

/** Where the screen does not know its width. */
const WIDE = 120;

/** A run that was put together of others: all of its files, and the matrix on the terminal. */
export async function finishRun(outcome: RunOutcome, place: RunPlace): Promise<void> {
  const { results: _, ...trend } = await writeRun(outcome, place);
  showRun(outcome, place);
  await writeRunPage(outcome, trend, place);
}

function showRun(outcome: RunOutcome, { shownDir, context: { stdout, env } }: RunPlace): void {
  const color = wantsColor(stdout, env);
  const view = { flags: outcome.run.rerun, outDir: shownDir, columns: stdout.columns ?? WIDE, color };
  stdout.write(`\n${summaryText(outcome, view)}`);
}

/** A job of GitHub's names a file that it shows on its page; whoever writes there must leave what others have written. */
async function tellGitHub(text: string, { env, stderr }: CommandContext): Promise<void> {
  const file = env.GITHUB_STEP_SUMMARY;
  if (!file) return;
  await appendFile(file, text).catch((error: unknown) => {
    stderr.write(`${file}: the job's summary cannot be written: ${describeError(error)}\n`);
  });
}
