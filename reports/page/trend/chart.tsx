import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { ChartData } from '../model/trend.ts';
import { useDark } from '../use-dark.ts';
import { chartOptions } from './chart-options.ts';

export interface ChartKind {
  title: string;
  unit: string;
  style: 'lines' | 'bars';
  data: ChartData;
  /** Custom properties, one for each label. */
  colors: readonly string[];
}

const HEIGHT = 200;

export function Chart({ runs, ...kind }: ChartKind & { runs: readonly string[] }) {
  const box = useRef<HTMLDivElement>(null);
  const isDark = useDark();
  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const size = () => ({ width: place.clientWidth, height: HEIGHT });
    const rows = kind.data.rows.map((row) => [...row]);
    const [first = [], ...others] = rows;
    const drawn = kind.style === 'bars' ? others.toReversed() : others;
    // A canvas takes no custom properties, so another scheme is another drawing.
    const plot = new uPlot(
      { ...chartOptions(kind, runs, place), ...size() },
      [first as number[], ...drawn],
      place,
    );
    const observer = new ResizeObserver(() => plot.setSize(size()));
    observer.observe(place);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [isDark, kind.data, runs]);
  return (
    <figure class={kind.style}>
      <figcaption>{kind.title}</figcaption>
      <div ref={box} class="plot" role="img" aria-label={`${kind.title}: the tables below say the same`} />
    </figure>
  );
}
