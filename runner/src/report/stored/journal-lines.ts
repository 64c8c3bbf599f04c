import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { UserError } from '../../lib/errors.ts';
import { type CellResult, RESULTS_SCHEMA } from '../../lib/verdict.ts';
import { isPlannedAlike } from '../../plan/index.ts';
import { cellResultSchema, runInfoSchema, scenariosSchema } from '../results-schema.ts';

/** journal.ndjson as its readers outside the run see it: what is no entry of this version is undefined, never a guess. */

const entrySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('run'),
    schema: z.literal(RESULTS_SCHEMA),
    run: runInfoSchema.omit({ seconds: true, host: true }).extend({ seed: z.string() }),
    flags: z.record(z.string(), z.unknown()),
    cwd: z.string(),
    cells: z.array(z.string()),
    scenarios: scenariosSchema,
  }),
  z.strictObject({
    ...{ kind: z.literal('resumed'), startedAt: z.iso.datetime() },
    plans: z.record(z.string(), z.string()).optional(),
    scenarios: scenariosSchema.optional(),
  }),
  z.strictObject({ kind: z.literal('target'), target: z.string(), payload: z.string() }),
  // Its events are for other readers.
  z.object({ kind: z.literal('schedule') }),
  z.strictObject({ kind: z.literal('cell'), result: cellResultSchema }),
]);

export type JournalLine = z.infer<typeof entrySchema>;

/** Each line's entry; undefined where it is damaged or of another version. */
export async function* journalLines(
  file: string,
): AsyncGenerator<{ number: number; entry: JournalLine | undefined }> {
  let number = 0;
  for await (const line of linesOf(file)) {
    number += 1;
    yield { number, entry: entryOf(line) };
  }
}

/** Not readline's lines, which from Node 24 on end at U+2028 as well: in JSON that is a character of a string. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let pieces: string[] = [];
  try {
    for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
      const [first = '', ...others] = chunk.split('\n');
      pieces.push(first);
      for (const next of others) {
        yield pieces.join('');
        pieces = [next];
      }
    }
    const rest = pieces.join('');
    if (rest !== '') yield rest;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) throw notARun(file, cause.message, cause);
    throw cause;
  }
}

/** By far the most of a journal, and nothing in it that is looked at here. */
const SCHEDULE = '{"kind":"schedule",';

function entryOf(line: string): JournalLine | undefined {
  if (line.startsWith(SCHEDULE) && line.endsWith('}}')) return { kind: 'schedule' };
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** What was planned otherwise than the run goes on is no part of what follows. */
export function forgetOthers(
  results: Map<string, CellResult>,
  { plans }: Extract<JournalLine, { kind: 'resumed' }>,
): void {
  if (!plans) return;
  for (const [id, result] of results) {
    const plan = plans[id];
    if (plan === undefined || !isPlannedAlike(result, { plan })) results.delete(id);
  }
}

export function notARun(file: string, why: string, cause?: unknown): UserError {
  return new UserError(`${file} is not the journal of a run that can go on: ${why}`, {
    code: 'bad-run-folder',
    hint: 'start the run anew, in another folder',
    cause,
  });
}
