import type { PageTrend } from '../../../runner/src/report/page/page-data.ts';
import { CellLink } from '../parts/cell-link.tsx';
import { Lines } from '../parts/lines.tsx';
import { Section } from '../parts/section.tsx';

export function Flaky({ flaky }: { flaky: PageTrend['flaky'] }) {
  if (flaky.length === 0) return null;
  return (
    <Section title="Two answers to one question">
      <ul class="flips">
        {flaky.map(({ cell, evidence }) => (
          <li key={`${cell} ${evidence}`}>
            <p>
              <CellLink id={cell} />
            </p>
            <p class="reason">
              <Lines of={evidence} />
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
