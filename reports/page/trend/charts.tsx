import { useMemo } from 'preact/hooks';
import type { PageTrend } from '../../../runner/src/report/page/page-data.ts';
import { sharesAsExpected, stackedCounts, verdictsSeen, wallTimes } from '../model/trend.ts';
import { Chart, type ChartKind } from './chart.tsx';

/** The tables below say the same. */
export function Charts({ trend }: { trend: PageTrend }) {
  const runs = useMemo(() => trend.runs.map(({ startedAt, id }) => startedAt.slice(5, 10) || id), [trend]);
  const charts = useMemo(() => chartsOf(trend), [trend]);
  return (
    <div class="charts">
      {charts.map((chart) => (
        <Chart key={chart.title} runs={runs} {...chart} />
      ))}
    </div>
  );
}

function chartsOf(trend: PageTrend): ChartKind[] {
  const { runs } = trend;
  const seen = verdictsSeen(runs);
  const lines = trend.targets.map((_, index) => `--series-${1 + (index % 7)}`);
  const bars = seen.map((verdict) => `--${verdict}`);
  return [
    {
      ...{ title: 'Cells as expected', unit: '%', style: 'lines' },
      ...{ data: sharesAsExpected(runs), colors: ['--held'] },
    },
    ...(seen.length > 0
      ? [
          {
            ...({ title: 'Cells that did not hold', unit: '', style: 'bars' } as const),
            ...{ data: stackedCounts(runs), colors: bars },
          },
        ]
      : []),
    {
      ...{ title: 'Wall time of each target', unit: 's', style: 'lines' },
      ...{ data: wallTimes(trend), colors: lines },
    },
  ];
}
