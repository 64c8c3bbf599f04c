import { type FileHandle, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { withLabErrors } from '../lib/cache.ts';
import type { ScheduleRecord } from '../lib/events.ts';
import type { CellResult, RunInfo } from '../lib/verdict.ts';

/** What journal.ndjson holds, one object a line, in the order in which things happened. */
export type JournalEntry =
  | { kind: 'run'; schema: 1; run: Omit<RunInfo, 'seconds' | 'host'>; cells: readonly string[] }
  | { kind: 'schedule'; cell: string; index: number; record: ScheduleRecord }
  | { kind: 'cell'; result: CellResult };

/** Append-only: what was written stays, however the run ends. */
export class Journal implements AsyncDisposable {
  readonly #dir: string;
  readonly #file: FileHandle;
  #last: Promise<void> = Promise.resolve();

  private constructor(dir: string, file: FileHandle) {
    this.#dir = dir;
    this.#file = file;
  }

  static async create(dir: string): Promise<Journal> {
    return withLabErrors(dir, async () => {
      await mkdir(dir, { recursive: true });
      return new Journal(dir, await open(path.join(dir, 'journal.ndjson'), 'a'));
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
  }
}
