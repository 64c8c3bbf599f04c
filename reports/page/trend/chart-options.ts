import uPlot from 'uplot';
import type { ChartKind } from './chart.tsx';

type Options = Omit<uPlot.Options, 'width' | 'height'>;

/** Past seven colours lines are told apart by their dashes. */
const DASHES: readonly number[][] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const COLORS = 7;
const FONT = '11px system-ui, sans-serif';

export function chartOptions(kind: ChartKind, runs: readonly string[], place: Element): Options {
  const color = colorsOf(place);
  const series = kind.data.labels.map((label, index) => seriesOf(kind, label, index, color));
  const axis = {
    ...{ stroke: color('--muted'), font: FONT },
    ...{ grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } },
  };
  const nameOf = (run: number): string => runs[run - 1] ?? '';
  return {
    scales: {
      x: { time: false, range: [0.5, runs.length + 0.5] },
      y: { range: kind.unit === '%' ? percentRange : upwards },
    },
    axes: [
      {
        ...axis,
        size: 30,
        grid: { show: false },
        incrs: [1, 2, 5, 10, 20, 50, 100],
        values: (_, at) => at.map(nameOf),
      },
      { ...axis, size: 48, values: (_, at) => at.map((value) => `${value}${kind.unit && ` ${kind.unit}`}`) },
    ],
    series: [
      { label: 'run', value: (_, run) => (run === null ? '' : nameOf(run)) },
      ...(kind.style === 'bars' ? series.toReversed() : series),
    ],
    cursor: { y: false, points: { show: kind.style === 'lines' } },
  };
}

function seriesOf(
  kind: ChartKind,
  label: string,
  index: number,
  color: (name: string) => string,
): uPlot.Series {
  const stroke = color(kind.colors[index] ?? '--text');
  if (kind.style === 'bars') {
    const paths = uPlot.paths.bars?.({ size: [0.6, 28] });
    return {
      ...{ label, stroke, fill: stroke, width: 0, points: { show: false } },
      ...(paths ? { paths } : {}),
      value: (_, __, place, run) => (run === null || place === 0 ? '' : String(ownCount(kind, index, run))),
    };
  }
  return {
    ...{ label, stroke, width: 1.5, dash: [...(DASHES[Math.floor(index / COLORS) % DASHES.length] ?? [])] },
    points: { show: true, size: 5, fill: stroke },
    value: (_, value) => (value === null ? '' : `${Math.round(10 * value) / 10} ${kind.unit}`),
  };
}

/** A row of the stack has those below it in it. */
function ownCount({ data }: ChartKind, index: number, run: number): number {
  const all = data.rows[index + 1]?.[run] ?? 0;
  const below = index > 0 ? (data.rows[index]?.[run] ?? 0) : 0;
  return all - below;
}

const percentRange: uPlot.Range.Function = (_, least) => [
  Math.min(90, Math.floor((least ?? 0) / 10) * 10),
  101,
];

const upwards: uPlot.Range.Function = (_, __, most) => [0, Math.max(1, 1.08 * (most ?? 0))];

/** A custom property may say light-dark(): only a property that is used has a colour. */
function colorsOf(place: Element): (name: string) => string {
  return (name) => {
    const probe = document.createElement('span');
    probe.style.color = `var(${name})`;
    place.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}
