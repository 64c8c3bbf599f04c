import path from 'node:path';
import type { RunOutcome } from '../lib/verdict.ts';
import { writeAtomically } from './atomic-file.ts';
import { type JunitOptions, junitText } from './junit.ts';
import { resultsOf, resultsText } from './results.ts';

/** The report stage: a finished run becomes files and a page on the terminal. */

export { writeAtomically } from './atomic-file.ts';
export { type PastRun, readPastRun } from './past-run.ts';
export { cutTo, printable, printableLines } from './printable.ts';
export type { RerunContext } from './rerun.ts';
export { rerunCommand, shellWord } from './rerun.ts';
export { resultsOf, resultsText } from './results.ts';
export { cellResultSchema, type Results, resultsSchema, runInfoSchema } from './results-schema.ts';
export { searchLines, searchText } from './search.ts';
export { summaryText } from './summary.ts';
export { createTerminal, type Terminal, type TerminalOptions } from './terminal.ts';
export { drawTrace, timelineOf, timelineText } from './timeline/index.ts';

/** Writes results.json and junit.xml into the run's folder; each is whole or not there. */
export async function writeReports(
  outDir: string,
  outcome: RunOutcome,
  options: JunitOptions,
): Promise<void> {
  await writeAtomically(path.join(outDir, 'results.json'), resultsText(resultsOf(outcome)));
  await writeAtomically(path.join(outDir, 'junit.xml'), junitText(outcome, options));
}
