import path from 'node:path';
import type { RunOutcome } from '../lib/verdict.ts';
import { writeAtomically } from './atomic-file.ts';
import { ctrfText } from './formats/ctrf.ts';
import { jobSummaryText } from './formats/job-summary.ts';
import { junitText } from './formats/junit.ts';
import { ktapText } from './formats/ktap.ts';
import type { FormatOptions } from './formats/outcome.ts';
import { resultsOf, resultsText } from './results.ts';

/** The report stage: a finished run becomes files and a page on the terminal. */

export { writeAtomically } from './atomic-file.ts';
export { diffRuns, type RunDiff } from './diff/diff.ts';
export { diffLines } from './diff/lines.ts';
export { jobSummaryText } from './formats/job-summary.ts';
export { keepInHistory, readHistory } from './history/history.ts';
export { trendLines } from './history/lines.ts';
export { trendOf } from './history/trend.ts';
export { ktapCells } from './ktap/cells.ts';
export { parseKtap } from './ktap/parse.ts';
export { mergeRuns, type Part } from './merge.ts';
export { PAGE, type PageCode, type PageTrend, pageCode, writePage } from './page/index.ts';
export { cutTo, printable, printableLines } from './printable.ts';
export type { RerunContext } from './rerun.ts';
export { rerunCommand, shellWord } from './rerun.ts';
export { resultsOf, resultsText } from './results.ts';
export { cellResultSchema, type Results, resultsSchema, runInfoSchema } from './results-schema.ts';
export { searchLines, searchText } from './search.ts';
export { type PastRun, readPastRun } from './stored/past-run.ts';
export { folderOf, RESULTS, readResults } from './stored/read-results.ts';
export { readStoredRun, type StoredRun, storedRunOf } from './stored/stored-run.ts';
export { summaryText } from './summary.ts';
export { createTerminal, type Terminal, type TerminalOptions } from './terminal.ts';
export { render, timelineOf, timelineText } from './timeline/index.ts';

/** What other programs read of a run, by file name. */
const FORMATS: Record<string, (outcome: RunOutcome, options: FormatOptions) => string> = {
  'results.json': (outcome) => resultsText(resultsOf(outcome)),
  'junit.xml': junitText,
  'ctrf.json': ctrfText,
  'results.ktap': ktapText,
  'summary.md': jobSummaryText,
};

/** Writes them into the run's folder; each is whole or not there. */
export async function writeReports(
  outDir: string,
  outcome: RunOutcome,
  options: FormatOptions,
): Promise<void> {
  for (const [name, text] of Object.entries(FORMATS)) {
    await writeAtomically(path.join(outDir, name), text(outcome, options));
  }
}
