import type { CellResult, Verdict } from '../../lib/verdict.ts';
import { consolePath, type RerunContext, rerunCommand } from '../rerun.ts';

/**
 * The four outcomes that test reports know, such that a reader's green and red agree with the exit status: as expected
 * passes (or is skipped, when there was nothing to run), unavailable is skipped unless the run is strict, the guest's and
 * the lab's own failures are errors, and every other surprise is a failure.
 */
export type Outcome = 'passed' | 'skipped' | 'failure' | 'error';

const NOTHING_RAN: readonly Verdict[] = ['unsupported', 'unavailable'];
const BROKE_DOWN: readonly Verdict[] = ['crashed', 'hung', 'error'];

export interface FormatOptions extends RerunContext {
  strict: boolean;
}

export function outcomeOf({ verdict, asExpected }: CellResult, { strict }: { strict: boolean }): Outcome {
  if (verdict === 'unavailable') return strict && !asExpected ? 'failure' : 'skipped';
  if (asExpected) return NOTHING_RAN.includes(verdict) ? 'skipped' : 'passed';
  return BROKE_DOWN.includes(verdict) ? 'error' : 'failure';
}

export const isBad = (outcome: Outcome): boolean => outcome === 'failure' || outcome === 'error';

export const targetOf = ({ arch, kernel }: CellResult): string => `${arch}/${kernel}`;

/** Cells by target, in the order in which the targets first come. */
export function byTarget(cells: readonly CellResult[]): [target: string, cells: CellResult[]][] {
  const targets = new Map<string, CellResult[]>();
  for (const cell of cells) targets.set(targetOf(cell), [...(targets.get(targetOf(cell)) ?? []), cell]);
  return [...targets];
}

/** One sentence. */
export const messageOf = ({ verdict, reason }: CellResult): string =>
  `${verdict}${reason ? `: ${reason}` : ''}`;

/** What somebody needs who is to look into it, a line each. */
export function detailLines(cell: CellResult, options: FormatOptions): string[] {
  const console = consolePath(cell, options);
  const rerun = rerunCommand(cell, options);
  return [
    `expected ${cell.expected}, got ${cell.verdict}`,
    ...(cell.reason ? [cell.reason] : []),
    ...(rerun ? [`run only this cell again: ${rerun}`] : []),
    ...(console ? [`console: ${console}`] : []),
    ...cell.capsules.map((capsule) => `capsule: ${options.outDir}/${capsule}`),
  ];
}
