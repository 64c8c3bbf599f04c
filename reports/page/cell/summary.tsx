import type { PageCell } from '../../../runner/src/report/page/page-data.ts';
import { boundText } from '../model/words.ts';
import { Lines } from '../parts/lines.tsx';
import { VerdictMark } from '../parts/verdict-mark.tsx';
import { usePage } from '../use-page.ts';
import { CellFacts } from './cell-facts.tsx';

/** What came of it, and what that means. */
export function Summary({ cell }: { cell: PageCell }) {
  const { data } = usePage();
  const { scenario, verdict, expected, asExpected, reason } = cell;
  const claim = Object.hasOwn(data.scenarios, scenario) ? data.scenarios[scenario]?.claim : undefined;
  const bound = boundText(cell);
  return (
    <div class="summary">
      <p class="verdict">
        <VerdictMark verdict={verdict} asExpected={asExpected} />
        <span>{asExpected ? 'as expected' : `expected ${expected}`}</span>
      </p>
      {reason !== null && (
        <p class="reason">
          <Lines of={reason} />
        </p>
      )}
      {bound !== null && <p>{bound}</p>}
      {claim !== undefined && (
        <blockquote>
          <span class="label">claim</span>
          <Lines of={claim} />
        </blockquote>
      )}
      <CellFacts cell={cell} />
    </div>
  );
}
