import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { writeAtomically } from '../atomic-file.ts';
import type { Results } from '../results-schema.ts';
import { parseResults } from '../stored/read-results.ts';

/**
 * Runs kept as small summaries, a file each: a results.json of one line without what only the run's own folder can explain.
 * `report diff` takes them as it takes any other.
 */

export interface History {
  /** Oldest first. */
  runs: Results[];
  /** Files that are none of this version's. */
  notes: string[];
}

/** Sorted by name they are sorted by time; a run has one name, however often it is kept. */
export const historyName = ({ run }: Results): string =>
  `${run.startedAt.replace(/[^0-9]/g, '').slice(0, 14)}-${run.id.replace(/[^A-Za-z0-9._-]/g, '_')}.json`;

const NAME = /^\d{14}-[A-Za-z0-9._-]+\.json$/;

export async function keepInHistory(dir: string, results: Results): Promise<string> {
  await mkdir(dir, { recursive: true }).catch((cause: unknown) => {
    throw new UserError(`${dir} cannot be the folder of a history`, { code: 'bad-history', cause });
  });
  const file = path.join(dir, historyName(results));
  await writeAtomically(file, `${JSON.stringify(summaryOf(results))}\n`);
  return file;
}

const summaryOf = (results: Results): Results => ({
  ...results,
  cells: results.cells.map((cell) => ({ ...cell, findings: [], capsules: [], console: null })),
  scenarios: {},
});

/** As many as a page has room for beside each other. */
const MOST = 60;

export interface HistoryOptions {
  /** Only those that are no younger than this run, and not itself. */
  before?: Results;
  /** So many of them, the newest. */
  most?: number;
}

/** A folder that is not there is a history that has not begun. */
export async function readHistory(
  dir: string,
  { before, most = MOST }: HistoryOptions = {},
): Promise<History> {
  const names = await readdir(dir).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new UserError(`${dir} is no folder of a history: ${cause.message}`, { code: 'bad-history', cause });
  });
  const runs: Results[] = [];
  const notes: string[] = [];
  const last = before && historyName(before);
  const fits = (name: string): boolean =>
    NAME.test(name) && (last === undefined || (stampOf(name) <= stampOf(last) && name !== last));
  for (const name of names.filter(fits).sort().slice(-most)) {
    try {
      runs.push(parseResults(name, await readKept(dir, name)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      notes.push(`left out of the history: ${error.message}`);
    }
  }
  return { runs, notes };
}

const stampOf = (name: string): string => name.slice(0, 14);

function readKept(dir: string, name: string): Promise<string> {
  return readFile(path.join(dir, name), 'utf8').catch((cause: Error) => {
    throw new UserError(`${name}: ${cause.message}`, { code: 'bad-history', cause });
  });
}
