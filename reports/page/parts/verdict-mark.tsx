import type { Verdict } from '../../../runner/src/lib/verdict.ts';
import { SYMBOLS } from '../model/verdicts.ts';

interface Props {
  verdict: Verdict;
  asExpected: boolean;
}

/** Symbol and word, and a star where nobody expected it. */
export const VerdictMark = ({ verdict, asExpected }: Props) => (
  <span class={`mark v-${verdict}${asExpected ? '' : ' unexpected'}`}>
    <span class="symbol" aria-hidden="true">
      {SYMBOLS[verdict]}
    </span>
    {verdict}
    {!asExpected && (
      <span class="star" title="not as expected">
        *
      </span>
    )}
  </span>
);
