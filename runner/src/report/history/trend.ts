import { VERDICTS, type Verdict } from '../../lib/verdict.ts';
import { diffRuns, FALSE_SHARE, type RunDiff } from '../diff/diff.ts';
import type { PageTrend, TrendCell, TrendChanges, TrendRun } from '../page/page-data.ts';
import type { Results } from '../results-schema.ts';
import { flakyCells } from './flaky.ts';

/** Runs beside each other, oldest first; the last one is the one that is looked at. */
export function trendOf(runs: readonly Results[]): PageTrend {
  const [before, last] = [runs.at(-2), runs.at(-1)];
  return {
    runs: runs.map(trendRun),
    targets: targetsOf(runs),
    cells: cellsOf(runs),
    changes: before && last ? changesOf(diffRuns(before, last)) : null,
    flaky: flakyCells(runs),
  };
}

function trendRun({ run, cells, summary }: Results): TrendRun {
  const counts = VERDICTS.flatMap((verdict): [Verdict, number][] =>
    summary[verdict] ? [[verdict, summary[verdict]]] : [],
  );
  return {
    ...{ id: run.id, startedAt: run.startedAt, seconds: run.seconds, seed: String(run.seed) },
    ...{ profile: run.profile, qemu: run.host.qemu, counts: Object.fromEntries(counts), cells: cells.length },
    asExpected: cells.filter(({ asExpected }) => asExpected).length,
  };
}

function targetsOf(runs: readonly Results[]): PageTrend['targets'] {
  const targets = new Map<string, (number | null)[]>();
  for (const [at, { cells }] of runs.entries()) {
    for (const { arch, kernel, seconds } of cells) {
      const target = `${arch}/${kernel}`;
      const row = targets.get(target) ?? runs.map(() => null);
      row[at] = (row[at] ?? 0) + seconds;
      targets.set(target, row);
    }
  }
  const tenths = (seconds: number | null) => (seconds === null ? null : Math.round(seconds * 10) / 10);
  return [...targets].map(([target, seconds]) => ({ target, seconds: seconds.map(tenths) }));
}

/** Those that have something to tell: not always the same verdict, or a control lane that was not always as easy to breach. */
function cellsOf(runs: readonly Results[]): TrendCell[] {
  const cells = new Map<string, TrendCell & { verdicts: (Verdict | null)[]; control: (number | null)[] }>();
  for (const [at, run] of runs.entries()) {
    for (const { id, verdict, lanes } of run.cells) {
      const row = cells.get(id) ?? { id, verdicts: runs.map(() => null), control: runs.map(() => null) };
      row.verdicts[at] = verdict;
      const { control } = lanes;
      row.control[at] = control && control.trials > 0 ? round(control.breaches / control.trials) : null;
      cells.set(id, row);
    }
  }
  return [...cells.values()].filter(({ verdicts, control }) => kinds(verdicts) > 1 || kinds(control) > 1);
}

const kinds = (values: readonly unknown[]): number => new Set(values.filter((one) => one !== null)).size;

const round = (share: number): number => Math.round(share * 1000) / 1000;

function changesOf({ before, flipped, moved, gone, added, compared }: RunDiff): TrendChanges {
  const share = ({ breaches, trials }: { breaches: number; trials: number }): number =>
    trials === 0 ? 0 : round(breaches / trials);
  return {
    before: before.id,
    flipped: flipped.map(({ before: was, after: is }) => ({
      ...{ cell: is.id, from: was.verdict, to: is.verdict, asExpected: is.asExpected, reason: is.reason },
    })),
    moved: moved.map(({ cell, lane, before: was, after: is, p }) => ({
      ...{ cell, lane, from: share(was), to: share(is), p },
    })),
    gone: gone.map(({ id }) => id),
    added: added.map(({ id }) => id),
    test: `breaches in each schedule of ${compared} lanes, Wilcoxon-Mann-Whitney; of those told at most ${100 * FALSE_SHARE} % are expected to be chance (Benjamini-Hochberg)`,
  };
}
