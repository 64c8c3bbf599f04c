import type { PageCell } from '../../../runner/src/report/page/page-data.ts';
import { duration } from '../model/format.ts';
import { type Fact, Facts } from '../parts/facts.tsx';

export function CellFacts({ cell }: { cell: PageCell }) {
  const facts: readonly Fact[] = [
    ['kernel', cell.kernel ?? 'none was booted'],
    ['backend', cell.backend ?? 'none'],
    ['mode', cell.mode],
    ['took', duration(cell.seconds)],
  ];
  return <Facts of={facts} most={300} />;
}
