import path from 'node:path';
import type { UserError } from '../../lib/errors.ts';
import { targetName } from '../../lib/ids.ts';
import type { CellResult } from '../../lib/verdict.ts';
import { JOURNAL } from '../../run/journal.ts';
import { forgetOthers, type JournalLine, journalLines, notARun } from './journal-lines.ts';

/** What the journal of a run says that did not come to its end. */
export interface PastRun {
  run: { id: string; startedAt: string; command: string; seed: string; profile: string };
  /** The words it was given, for whoever knows them to check. */
  flags: Readonly<Record<string, unknown>>;
  cwd: string;
  cells: readonly string[];
  /** Of each target that became ready what it booted with and on, at the last time. */
  payloads: ReadonlyMap<string, string>;
  results: ReadonlyMap<string, CellResult>;
}

/** Reads `dir/journal.ndjson`; a last line that was cut short is no entry, any other that is damaged is an error. */
export async function readPastRun(dir: string): Promise<PastRun> {
  const file = path.join(dir, JOURNAL);
  let start: Extract<JournalLine, { kind: 'run' }> | undefined;
  const payloads = new Map<string, string>();
  const results = new Map<string, CellResult>();
  for await (const entry of entriesOf(file)) {
    if (entry.kind === 'run') start = entry;
    if (entry.kind === 'resumed') forgetOthers(results, entry);
    if (entry.kind === 'target') {
      // What ran with something else is no part of what follows.
      if (payloads.get(entry.target) !== entry.payload) forget(entry.target, results);
      payloads.set(entry.target, entry.payload);
    }
    if (entry.kind === 'cell') results.set(entry.result.id, entry.result);
  }
  if (!start) throw notARun(file, 'it does not say what run it is of');
  const { run, flags, cwd, cells } = start;
  return { run, flags, cwd, cells, payloads, results };
}

function forget(target: string, results: Map<string, CellResult>): void {
  for (const [id, result] of results) if (targetName(result) === target) results.delete(id);
}

async function* entriesOf(file: string): AsyncGenerator<JournalLine> {
  let damaged: UserError | undefined;
  for await (const { number, entry } of journalLines(file)) {
    // Only now it is known that it was not the last one.
    if (damaged) throw damaged;
    if (entry) yield entry;
    else damaged = notARun(file, `line ${number} is damaged or of another version`);
  }
}
