import { useMemo } from 'preact/hooks';
import type { Row } from '../model/matrix.ts';
import { Text } from '../parts/text.tsx';
import { usePage } from '../use-page.ts';
import { Square } from './square.tsx';

interface Props {
  row: Row;
  /** Columns, or -1. */
  active: number;
  opened: number;
}

export function ScenarioRow({ row, active, opened }: Props) {
  const { data } = usePage();
  // Of a thousand squares a key that is pressed changes two: the rows of the others stay the ones they are.
  return useMemo(() => {
    const claim = Object.hasOwn(data.scenarios, row.scenario)
      ? data.scenarios[row.scenario]?.claim
      : undefined;
    return (
      <tr>
        <th scope="row" class="name">
          <Text of={row.name} most={120} />
          {claim !== undefined && (
            <small class="claim">
              <Text of={claim} most={200} />
            </small>
          )}
        </th>
        {row.slots.map((slot, column) => (
          <Square key={column} slot={slot} isActive={column === active} isOpen={column === opened} />
        ))}
      </tr>
    );
  }, [data, row, active, opened]);
}
