import { access } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { targetName } from '../../lib/ids.ts';
import type { CellResult, RunInfo, RunOutcome } from '../../lib/verdict.ts';
import { JOURNAL } from '../../run/journal.ts';
import { cutTo } from '../printable.ts';
import { forgetOthers, type JournalLine, journalLines } from './journal-lines.ts';
import { RESULTS, readResults } from './read-results.ts';

/** A run as its folder has it, come to its end or not. */
export interface StoredRun extends Omit<RunOutcome, 'run'> {
  run: Omit<RunInfo, 'seconds' | 'host'> & { seconds: number | null; host: RunInfo['host'] | null };
  /** What could not be made use of, and what is missing. */
  notes: string[];
}

export const storedRunOf = (outcome: RunOutcome): StoredRun => ({ ...outcome, notes: [] });

/** From results.json where there is one, else from the journal: of that whatever can be read. */
export async function readStoredRun(dir: string, cwd: string): Promise<StoredRun> {
  const there = await access(path.join(dir, RESULTS)).then(
    () => true,
    () => false,
  );
  if (!there) return fromJournal(dir);
  const { run, cells, scenarios, targets } = await readResults(dir, cwd);
  return storedRunOf({ run: { ...run, seed: String(run.seed) }, cells, scenarios, targets });
}

/** Of lines and names, that are told one by one. */
const MOST_TOLD = 5;
/** In characters: of a name that anybody may have written. */
const LONGEST_NAME = 100;

function listed(told: readonly (string | number)[]): string {
  const names = told.slice(0, MOST_TOLD).map((one) => cutTo(String(one), LONGEST_NAME));
  return names.join(', ') + (told.length > MOST_TOLD ? ` and ${told.length - MOST_TOLD} more` : '');
}

async function fromJournal(dir: string): Promise<StoredRun> {
  const file = path.join(dir, JOURNAL);
  const seen = new Seen();
  for await (const { number, entry } of journalLines(file)) seen.add(number, entry);
  return seen.run(file);
}

/** What was read so far. */
class Seen {
  #start: Extract<JournalLine, { kind: 'run' }> | undefined;
  /** From the line of another run on nothing is of ours. */
  #other: { number: number; id: string } | undefined;
  /** What they claim since the run was resumed. */
  #scenarios: RunOutcome['scenarios'] | undefined;
  readonly #results = new Map<string, CellResult>();
  readonly #targets = new Map<string, string>();
  readonly #strange = new Set<string>();
  readonly #damaged: number[] = [];

  add(number: number, entry: JournalLine | undefined): void {
    if (this.#other) return;
    if (!entry) this.#damaged.push(number);
    else if (entry.kind === 'run') this.#begin(number, entry);
    else if (entry.kind === 'resumed') this.#resume(entry);
    else if (entry.kind === 'target') this.#booted(entry.target, entry.payload);
    else if (entry.kind === 'cell') this.#results.set(entry.result.id, entry.result);
  }

  #begin(number: number, entry: Extract<JournalLine, { kind: 'run' }>): void {
    if (!this.#start) this.#start = entry;
    else this.#other = { number, id: entry.run.id };
  }

  #resume(entry: Extract<JournalLine, { kind: 'resumed' }>): void {
    forgetOthers(this.#results, entry);
    this.#scenarios = entry.scenarios ?? this.#scenarios;
  }

  /** What ran with something else is no part of what follows. */
  #booted(target: string, payload: string): void {
    const other = this.#targets.get(target) !== payload;
    this.#targets.set(target, payload);
    for (const [id, result] of this.#results)
      if (other && targetName(result) === target) this.#results.delete(id);
  }

  run(file: string): StoredRun {
    const start = this.#start;
    if (!start) {
      throw new UserError(`${file} does not say, in this version's words, what run it is of`, {
        code: 'bad-run-folder',
        hint: "name a run's folder (reports/runs/…) that this version of the lab has written",
      });
    }
    const planned = new Set(start.cells);
    for (const id of this.#results.keys()) if (!planned.has(id)) this.#strange.add(id);
    const cells = start.cells.flatMap((id) => this.#results.get(id) ?? []);
    return {
      run: { ...start.run, seconds: null, host: null },
      cells,
      scenarios: this.#scenarios ?? start.scenarios,
      targets: Object.fromEntries([...this.#targets].map(([target, inputs]) => [target, { inputs }])),
      notes: this.#notes(start.cells.length - cells.length),
    };
  }

  #notes(missing: number): string[] {
    return [
      'This run did not come to its end.',
      ...(missing > 0 ? [`${missing} of its cells have no result.`] : []),
      ...(this.#damaged.length > 0
        ? [`Damaged or of another version, and left out: line ${listed(this.#damaged)} of the journal.`]
        : []),
      ...(this.#other
        ? [
            `From line ${this.#other.number} on the journal is of another run, ${listed([this.#other.id])}: left out.`,
          ]
        : []),
      ...(this.#strange.size > 0 ? [`Not of its plan, and left out: ${listed([...this.#strange])}.`] : []),
    ];
  }
}
