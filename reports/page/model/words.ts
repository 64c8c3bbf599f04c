import { upperBound } from '../../../runner/src/lib/rate.ts';
import type { PageCell, PageLane } from '../../../runner/src/report/page/page-data.ts';
import { count, percent } from './format.ts';

/** Share of the trials in which the line was crossed; null where there was no trial. */
export const rateOf = (lane: PageLane | undefined): number | null =>
  lane && lane.trials > 0 ? lane.crossed / lane.trials : null;

/** What a cell's bound says, in a sentence. */
export function boundText({ breachRateBelow, lanes }: PageCell): string | null {
  if (breachRateBelow === null) return null;
  const schedules = count(lanes.guarded?.schedules ?? 0, 'schedule');
  return `No breach in ${schedules}: a schedule breaches with probability below ${upperBound(breachRateBelow)}, at 95 %.`;
}

const MOST_SAID = 60;

/** For those who do not see the bars. */
export function countsText(counts: readonly number[]): string {
  const said = counts.slice(0, MOST_SAID).join(', ');
  const left = counts.length - MOST_SAID;
  return `crossed per schedule: ${said}${left > 0 ? ` and ${left} more` : ''}`;
}

export function spreadText(counts: readonly number[]): string {
  const least = counts.reduce((low, one) => Math.min(low, one), Number.POSITIVE_INFINITY);
  const most = counts.reduce((high, one) => Math.max(high, one), 0);
  if (counts.length === 0) return '';
  return least === most ? `${most} in each` : `${least} to ${most} in each`;
}

/** A cell in one line, as a square is read out. */
export function squareLabel(cell: PageCell): string {
  const rate = rateOf(cell.lanes.control);
  return [
    cell.asExpected ? cell.verdict : `${cell.verdict}, not as expected`,
    ...(rate === null ? [] : [`control lane ${percent(rate)}`]),
    ...(cell.breachRateBelow === null ? [] : [`bound ${upperBound(cell.breachRateBelow)}`]),
  ].join(', ');
}

/** Bars for counts as one SVG path in a box of `counts.length` by 1; one that is zero leaves its place empty. */
export function barsPath(counts: readonly number[], most: number): string {
  if (most <= 0) return '';
  return counts
    .map((one, index) =>
      one > 0 ? `M${index + 0.12} 1h.76v-${Math.min(1, one / most).toFixed(3)}h-.76z` : '',
    )
    .join('');
}
