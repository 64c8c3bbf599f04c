import { useMemo } from 'preact/hooks';
import { Text } from '../parts/text.tsx';
import type { Go } from '../use-address.ts';
import { usePage } from '../use-page.ts';

/** Which columns are shown. */
export function TargetChoice({ chosen, go }: { chosen: readonly string[]; go: Go }) {
  const { data } = usePage();
  const columns = useMemo(() => [...new Set(data.cells.map(({ column }) => column))], [data]);
  const toggle = (column: string): void =>
    go({ targets: columns.filter((one) => (one === column) !== chosen.includes(one)) });
  return (
    <details class="choice">
      <summary>
        {chosen.length === 0 ? 'all targets' : `${chosen.length} of ${columns.length} targets`}
      </summary>
      <fieldset>
        <legend class="unseen">Show only these targets</legend>
        {columns.map((column) => (
          <label key={column}>
            <input type="checkbox" checked={chosen.includes(column)} onChange={() => toggle(column)} />
            <Text of={column} />
          </label>
        ))}
      </fieldset>
    </details>
  );
}
