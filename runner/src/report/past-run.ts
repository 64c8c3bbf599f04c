import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { UserError } from '../lib/errors.ts';
import { targetName } from '../lib/ids.ts';
import { type CellResult, RESULTS_SCHEMA } from '../lib/verdict.ts';
import { JOURNAL } from '../run/journal.ts';
import { cellResultSchema, runInfoSchema } from './results-schema.ts';

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

const entrySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('run'),
    schema: z.literal(RESULTS_SCHEMA),
    run: runInfoSchema.omit({ seconds: true, host: true }).extend({ seed: z.string() }),
    flags: z.record(z.string(), z.unknown()),
    cwd: z.string(),
    cells: z.array(z.string()),
  }),
  z.strictObject({ kind: z.literal('resumed'), startedAt: z.iso.datetime() }),
  z.strictObject({ kind: z.literal('target'), target: z.string(), payload: z.string() }),
  // Its events are for other readers.
  z.object({ kind: z.literal('schedule') }),
  z.strictObject({ kind: z.literal('cell'), result: cellResultSchema }),
]);

type Entry = z.infer<typeof entrySchema>;

/** Reads `dir/journal.ndjson`; a last line that was cut short is no entry. */
export async function readPastRun(dir: string): Promise<PastRun> {
  const file = path.join(dir, JOURNAL);
  let start: Extract<Entry, { kind: 'run' }> | undefined;
  const payloads = new Map<string, string>();
  const results = new Map<string, CellResult>();
  for await (const entry of entriesOf(file)) {
    if (entry.kind === 'run') start = entry;
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

async function* entriesOf(file: string): AsyncGenerator<Entry> {
  let number = 0;
  let damaged: UserError | undefined;
  for await (const line of linesOf(file)) {
    // Only now it is known that it was not the last one.
    if (damaged) throw damaged;
    number += 1;
    const entry = entryOf(line);
    if (entry) yield entry;
    else damaged = notARun(file, `line ${number} is damaged or of another version`);
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) throw notARun(file, cause.message, cause);
    throw cause;
  }
}

function entryOf(line: string): Entry | undefined {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function notARun(file: string, why: string, cause?: unknown): UserError {
  return new UserError(`${file} is not the journal of a run that can go on: ${why}`, {
    code: 'bad-run-folder',
    hint: 'start the run anew, in another folder',
    cause,
  });
}
