import type { Verdict } from '../../../runner/src/lib/verdict.ts';
import type { PageTrend, TrendChanges, TrendRun } from '../../../runner/src/report/page/page-data.ts';
import { VERDICTS } from './verdicts.ts';

/** Numbers for charts: the first row counts runs from 1, each other one belongs to a label. */
export interface ChartData {
  labels: readonly string[];
  rows: readonly (readonly (number | null)[])[];
}

const places = (runs: readonly unknown[]): number[] => runs.map((_, index) => index + 1);

export const wallTimes = ({ runs, targets }: Pick<PageTrend, 'runs' | 'targets'>): ChartData => ({
  labels: targets.map(({ target }) => target),
  rows: [places(runs), ...targets.map(({ seconds }) => runs.map((_, index) => seconds[index] ?? null))],
});

export const sharesAsExpected = (runs: readonly TrendRun[]): ChartData => ({
  labels: ['as expected'],
  rows: [
    places(runs),
    runs.map(({ cells, asExpected }) => (cells === 0 ? null : (100 * asExpected) / cells)),
  ],
});

/** All but `held`, which would dwarf the others. */
export const verdictsSeen = (runs: readonly TrendRun[]): Verdict[] =>
  VERDICTS.filter((verdict) => verdict !== 'held' && runs.some(({ counts }) => (counts[verdict] ?? 0) > 0));

/** Each row has those before it in it, so that bars drawn from the last to the first look stacked. */
export function stackedCounts(runs: readonly TrendRun[]): ChartData {
  const labels = verdictsSeen(runs);
  const rows = labels.map((_, place) =>
    runs.map(({ counts }) =>
      labels.slice(0, place + 1).reduce((sum, verdict) => sum + (counts[verdict] ?? 0), 0),
    ),
  );
  return { labels, rows: [places(runs), ...rows] };
}

/** What nobody expects first. */
export const flipsInOrder = ({ flipped }: TrendChanges): TrendChanges['flipped'] =>
  flipped.toSorted((a, b) => Number(a.asExpected) - Number(b.asExpected));

/** Of a line in a box, as an SVG path: a gap where a share is missing, a dot where one stands alone. */
export function sparkPath(shares: readonly (number | null)[], width: number, height: number): string {
  const step = shares.length > 1 ? width / (shares.length - 1) : 0;
  let drawing = false;
  const parts = shares.map((share, index) => {
    if (share === null) {
      drawing = false;
      return '';
    }
    const point = `${round(index * step)} ${round(height * (1 - share))}`;
    const part = drawing ? `L${point}` : `M${point}h0`;
    drawing = true;
    return part;
  });
  return parts.join('');
}

const round = (value: number): number => Math.round(10 * value) / 10;
