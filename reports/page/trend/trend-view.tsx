import type { PageTrend } from '../../../runner/src/report/page/page-data.ts';
import { Section } from '../parts/section.tsx';
import { Changes } from './changes.tsx';
import { Charts } from './charts.tsx';
import { Flaky } from './flaky.tsx';
import { HistoryTable } from './history-table.tsx';
import { RunsTable } from './runs-table.tsx';
import { TargetsTable } from './targets-table.tsx';

export const TrendView = ({ trend }: { trend: PageTrend }) => (
  <div class="trend">
    <Changes changes={trend.changes} />
    <Flaky flaky={trend.flaky} />
    <Charts trend={trend} />
    {trend.cells.length > 0 && (
      <Section title="Cells that were not always the same">
        <HistoryTable runs={trend.runs} cells={trend.cells} named />
      </Section>
    )}
    <Section title="Runs">
      <RunsTable runs={trend.runs} />
    </Section>
    <Section title="Wall seconds of each target">
      <TargetsTable trend={trend} />
    </Section>
  </div>
);
