import type { PageLane } from '../../../runner/src/report/page/page-data.ts';
import { barsPath, countsText, spreadText } from '../model/words.ts';

/** A bar for each schedule, as high as the share of its trials in which the line was crossed. */
export function CountsStrip({ lane: { counts, schedules, trials } }: { lane: PageLane }) {
  if (counts.length === 0) return null;
  const most = counts.reduce((high, one) => Math.max(high, one), schedules > 0 ? trials / schedules : 1);
  return (
    <span class="strip">
      <svg
        viewBox={`0 0 ${counts.length} 1`}
        preserveAspectRatio="none"
        role="img"
        aria-label={countsText(counts)}
        style={{ width: `${Math.min(counts.length, 20) * 0.5}rem` }}
      >
        <path d={barsPath(counts, most)} />
      </svg>
      <small aria-hidden="true">{spreadText(counts)}</small>
    </span>
  );
}
