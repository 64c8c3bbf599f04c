import type { TrendChanges } from '../../../runner/src/report/page/page-data.ts';
import { CellLink } from '../parts/cell-link.tsx';
import { Lines } from '../parts/lines.tsx';
import { VerdictMark } from '../parts/verdict-mark.tsx';

export const Flip = ({ flip }: { flip: TrendChanges['flipped'][number] }) => (
  <li>
    <p>
      <VerdictMark verdict={flip.from} asExpected />
      <span aria-hidden="true"> → </span>
      <span class="unseen"> became </span>
      <VerdictMark verdict={flip.to} asExpected={flip.asExpected} /> <CellLink id={flip.cell} />
    </p>
    {flip.reason !== null && (
      <p class="reason">
        <Lines of={flip.reason} />
      </p>
    )}
  </li>
);
