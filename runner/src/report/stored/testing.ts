import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type CellResult, RESULTS_SCHEMA } from '../../lib/verdict.ts';
import { JOURNAL, type JournalEntry, type RunEntry } from '../../run/journal.ts';
import { outcome } from '../testing.ts';

/** Journals for tests. */

/** The start of a run of these cells. */
export function startOf(cells: readonly CellResult[], changes: Partial<RunEntry['run']> = {}): RunEntry {
  const { id, startedAt, command, seed, profile } = outcome([]).run;
  return {
    ...{ kind: 'run', schema: RESULTS_SCHEMA, scenarios: {}, flags: { profile: 'quick' }, cwd: '/home/x' },
    run: { id, startedAt, command, seed, profile, rerun: [], ...changes },
    cells: cells.map((cell) => cell.id),
  };
}

export const target = (name: string, payload: string): JournalEntry => ({
  kind: 'target',
  target: name,
  payload,
});
export const resumed = (
  plans: Readonly<Record<string, string>>,
  scenarios: RunEntry['scenarios'] = {},
): JournalEntry => ({ kind: 'resumed', startedAt: outcome([]).run.startedAt, plans, scenarios });
export const cell = (result: CellResult): JournalEntry => ({ kind: 'cell', result });
export const line = (entry: unknown): string => `${JSON.stringify(entry)}\n`;

/** `rest` as it is. */
export const writeJournal = (dir: string, entries: readonly JournalEntry[], rest = ''): Promise<void> =>
  writeFile(path.join(dir, JOURNAL), entries.map(line).join('') + rest);
