import type { Verdict } from '../../../runner/src/lib/verdict.ts';
import type { TrendRun } from '../../../runner/src/report/page/page-data.ts';
import { dateText } from '../model/format.ts';
import { SYMBOLS } from '../model/verdicts.ts';
import { visible } from '../model/visible.ts';

/** A verdict of a run as its symbol alone. */
export const VerdictDot = ({ verdict, run }: { verdict: Verdict | null; run: TrendRun }) => (
  <td
    class="dot"
    title={visible(`${verdict ?? 'not there'}, ${dateText(run.startedAt)}, run ${run.id}`, 300)}
  >
    {verdict !== null && (
      <span class={`v-${verdict}`} aria-hidden="true">
        {SYMBOLS[verdict]}
      </span>
    )}
    <span class="unseen">{verdict ?? 'not there'}</span>
  </td>
);
