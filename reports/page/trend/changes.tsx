import type { PageTrend } from '../../../runner/src/report/page/page-data.ts';
import { flipsInOrder } from '../model/trend.ts';
import { CellLink } from '../parts/cell-link.tsx';
import { Lines } from '../parts/lines.tsx';
import { Section } from '../parts/section.tsx';
import { Text } from '../parts/text.tsx';
import { Flip } from './flip.tsx';
import { MovedRates } from './moved-rates.tsx';

/** From the run before to this one, what nobody expected first. */
export function Changes({ changes }: { changes: PageTrend['changes'] }) {
  if (!changes) return <p class="empty">There is no run before this one to compare it with.</p>;
  const { before, gone, added, moved, test } = changes;
  const flips = flipsInOrder(changes);
  return (
    <Section title="What changed">
      <p class="about">
        since run <Text of={before} most={200} />: {flips.length} verdicts changed, {moved.length} breach
        rates moved
      </p>
      <ul class="flips">
        {flips.map((flip) => (
          <Flip key={flip.cell} flip={flip} />
        ))}
      </ul>
      <MovedRates moved={moved} />
      <CellList title="only before" cells={gone} />
      <CellList title="only now" cells={added} />
      <p class="about">
        Rates: <Lines of={test} />
      </p>
    </Section>
  );
}

function CellList({ title, cells }: { title: string; cells: readonly string[] }) {
  if (cells.length === 0) return null;
  return (
    <div class="cell-list">
      <h4>{title}</h4>
      <ul>
        {cells.map((id) => (
          <li key={id}>
            <CellLink id={id} />
          </li>
        ))}
      </ul>
    </div>
  );
}
