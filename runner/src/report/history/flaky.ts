import { LANES } from '../../lib/ids.ts';
import type { Results } from '../results-schema.ts';

/**
 * Cells that gave two answers to one question. A sealed cell is a function of what its guest boots with and of its seeds, so
 * two runs with the same of both that differ are evidence; a breach that does not come back when it is repeated is, too.
 * That a cell passes the second time is none.
 */
export interface Flaky {
  cell: string;
  evidence: string;
}

type Cell = Results['cells'][number];

interface Answer {
  run: string;
  /** Undefined: nobody knows. */
  plan: string | undefined;
  verdict: string;
  /** Of all its lanes. */
  digests: string;
}

/** `runs` oldest first; of the last one the repeats of its breaches count as well. */
export function flakyCells(runs: readonly Results[]): Flaky[] {
  const answers = new Map<string, { cell: string; given: Answer[] }>();
  for (const run of runs) {
    for (const cell of run.cells) {
      const question = questionOf(run, cell);
      if (question === undefined) continue;
      const entry = answers.get(question) ?? { cell: cell.id, given: [] };
      entry.given.push(answerOf(run, cell));
      answers.set(question, entry);
    }
  }
  const twice = [...answers.values()].flatMap(({ cell, given }) => differing(cell, given));
  const last = runs.at(-1);
  return [...twice, ...(last?.cells.flatMap(unrepeatable) ?? [])];
}

/** Undefined where nothing says that another answer would be wrong. */
function questionOf({ run, targets }: Results, cell: Cell): string | undefined {
  const inputs = targets[`${cell.arch}/${cell.kernel}`]?.inputs;
  const complete = LANES.every((lane) => !cell.lanes[lane] || cell.lanes[lane]?.digest !== null);
  if (inputs === undefined || cell.mode !== 'sealed' || !complete) return undefined;
  const amounts = LANES.map((lane) => [cell.lanes[lane]?.schedules, cell.lanes[lane]?.trials]);
  return JSON.stringify([cell.id, inputs, run.seed, run.host.qemu, amounts]);
}

const answerOf = ({ run }: Results, cell: Cell): Answer => ({
  ...{ run: run.id, plan: cell.plan, verdict: cell.verdict, digests: digestsOf(cell) },
});

const digestsOf = ({ lanes }: Cell): string => LANES.map((lane) => lanes[lane]?.digest ?? '').join(' ');

function differing(cell: string, given: readonly Answer[]): Flaky[] {
  for (const [at, first] of given.entries()) {
    const other = given.slice(at + 1).find((one) => isSameQuestion(first, one) && !isSameAnswer(first, one));
    if (!other) continue;
    const what =
      first.verdict === other.verdict
        ? `${first.verdict} both times, and other events`
        : `${first.verdict}, then ${other.verdict}`;
    return [{ cell, evidence: `the same inputs and seed in ${first.run} and ${other.run}: ${what}` }];
  }
  return [];
}

/** One that was planned otherwise is about something else. */
const isSameQuestion = ({ plan }: Answer, other: Answer): boolean =>
  plan === undefined || other.plan === undefined || plan === other.plan;

const isSameAnswer = ({ verdict, digests }: Answer, other: Answer): boolean =>
  verdict === other.verdict && digests === other.digests;

/** Nobody expects a live guest to do the same again. */
function unrepeatable({ id, mode, certificates = [] }: Cell): Flaky[] {
  return certificates
    .filter(({ certainty, of }) => mode === 'sealed' && of > 0 && certainty !== 'deterministic')
    .map(({ seed, same, breached, of }) => ({
      cell: id,
      evidence: `its breach with seed ${seed} came back in ${breached} of ${of} repeats, the same to the bit in ${same}`,
    }));
}
