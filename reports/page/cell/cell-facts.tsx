import type { PageCell } from '../../../runner/src/report/page/page-data.ts';
import { duration } from '../model/format.ts';
import { Text } from '../parts/text.tsx';

export function CellFacts({ cell }: { cell: PageCell }) {
  const facts: readonly (readonly [string, string])[] = [
    ['kernel', cell.kernel ?? 'none was booted'],
    ['backend', cell.backend ?? 'none'],
    ['mode', cell.mode],
    ['took', duration(cell.seconds)],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Text of={value} most={300} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
