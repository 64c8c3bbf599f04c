import { KTAP_FAMILY } from '../lib/ids.ts';
import type { CellResult } from '../lib/verdict.ts';

/** What made the run what it was, so that one cell of it can be run again on the same seeds. */
export interface RerunContext {
  /** Flags that every rerun needs, as typed, each with its value: seed, mode, profile, folders of scenarios. */
  flags: readonly string[];
  /** The run's folder, as a person would write it. */
  outDir: string;
}

/** What to type to run only this cell again; undefined where the lab did not run it. */
export function rerunCommand(cell: CellResult, { flags }: RerunContext): string | undefined {
  if (cell.scenario.startsWith(KTAP_FAMILY)) return undefined;
  const own = ['--scenario', cell.scenario, '--arch', cell.arch, '--kernel', cell.kernel];
  const [, forced] = cell.id.split('+');
  const backend = forced === undefined ? [] : ['--backend', forced];
  return ['npm run matrix --', ...[...own, ...backend, ...flags].map(shellWord)].join(' ');
}

/** Where the cell's console is; undefined when nothing was booted. */
export function consolePath(cell: CellResult, { outDir }: RerunContext): string | undefined {
  return cell.console === null ? undefined : `${outDir}/${cell.console}`;
}

export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
