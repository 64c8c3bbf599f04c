import { type FileHandle, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withLabErrors } from '../lib/cache.ts';
import { UserError } from '../lib/errors.ts';
import type { ScheduleRecord } from '../lib/events.ts';
import { ownerIsAlive, ownName } from '../lib/owner.ts';
import type { CellResult, RESULTS_SCHEMA, RunInfo, RunOutcome } from '../lib/verdict.ts';

/** The start of a run: with `flags`, the words it was given, it can be planned again. */
export interface RunEntry {
  kind: 'run';
  schema: typeof RESULTS_SCHEMA;
  run: Omit<RunInfo, 'seconds' | 'host'>;
  flags: Readonly<Record<string, unknown>>;
  /** Where relative paths among the flags begin. */
  cwd: string;
  cells: readonly string[];
  /** What each scenario of them claims. */
  scenarios: RunOutcome['scenarios'];
}

/** What journal.ndjson holds, one object a line, in the order in which things happened. */
export type JournalEntry =
  | RunEntry
  /** Of each cell how it is planned from here on, and what its scenario claims. */
  | {
      kind: 'resumed';
      startedAt: string;
      plans: Readonly<Record<string, string>>;
      scenarios: RunOutcome['scenarios'];
    }
  /** A target is ready; `payload` is the hash of all that it boots with, and QEMU's version. */
  | { kind: 'target'; target: string; payload: string }
  | { kind: 'schedule'; cell: string; index: number; record: ScheduleRecord }
  | { kind: 'cell'; result: CellResult };

export const JOURNAL = 'journal.ndjson';
const CLAIM = 'running-';

/** Append-only: what was written stays, however the run ends. */
export class Journal implements AsyncDisposable {
  readonly #dir: string;
  readonly #claim: string;
  readonly #file: FileHandle;
  #last: Promise<void> = Promise.resolve();

  private constructor(dir: string, claim: string, file: FileHandle) {
    this.#dir = dir;
    this.#claim = claim;
    this.#file = file;
  }

  /** Goes on behind what is there; a line that was cut short is taken away. */
  static async open(dir: string): Promise<Journal> {
    return withLabErrors(dir, async () => {
      await mkdir(dir, { recursive: true });
      const claim = await claimFolder(dir);
      const file = await open(path.join(dir, JOURNAL), 'a+');
      await cutHalfLine(file);
      return new Journal(dir, claim, file);
    });
  }

  /** Resolves when the entry is written; entries keep their order. */
  append(entry: JournalEntry): Promise<void> {
    const line = `${JSON.stringify(entry)}\n`;
    const write = () => withLabErrors(this.#dir, () => this.#file.appendFile(line));
    // A failed write is its caller's to handle; it must not stop the ones behind it from being tried.
    const written = this.#last.then(write);
    this.#last = written.catch(() => undefined);
    return written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#file.close();
    await rm(this.#claim, { force: true });
  }
}

/**
 * Two runs in one journal are evidence of neither. Everybody puts a file of its own first and looks for others
 * then: of two at the same moment both may refuse, never both go on.
 */
async function claimFolder(dir: string): Promise<string> {
  const own = `${CLAIM}${ownName()}`;
  const claim = path.join(dir, own);
  await writeFile(claim, '');
  for (const name of await readdir(dir)) {
    if (!name.startsWith(CLAIM) || name === own) continue;
    const other = name.slice(CLAIM.length);
    if (!(await ownerIsAlive(other))) {
      await rm(path.join(dir, name), { force: true });
      continue;
    }
    await rm(claim, { force: true });
    throw new UserError(`${dir}: process ${other.split('.')[0]} is at work on this run`, {
      code: 'run-exists',
      hint: 'wait until it has ended',
    });
  }
  return claim;
}

const CHUNK = 65_536;

async function cutHalfLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const chunk = Buffer.alloc(CHUNK);
  for (let end = size; end > 0; end -= CHUNK) {
    const start = Math.max(0, end - CHUNK);
    const { bytesRead } = await file.read(chunk, 0, end - start, start);
    const newline = chunk.subarray(0, bytesRead).lastIndexOf('\n');
    if (newline < 0) continue;
    if (start + newline + 1 < size) await file.truncate(start + newline + 1);
    return;
  }
  await file.truncate(0);
}
