import { count } from '../model/format.ts';
import { type Family, isCell } from '../model/matrix.ts';
import { Text } from '../parts/text.tsx';
import { ScenarioRow } from './scenario-row.tsx';

interface Props {
  family: Family;
  columns: readonly string[];
  active: string | null;
  opened: string | null;
}

export function FamilyRows({ family, columns, active, opened }: Props) {
  const cells = family.rows.flatMap(({ slots }) => slots.filter(isCell));
  const surprises = cells.filter(({ asExpected }) => !asExpected).length;
  return (
    <tbody>
      <tr class="family">
        <th scope="rowgroup" colSpan={columns.length + 1}>
          <span class="family-name">
            <Text of={family.name || 'without a family'} most={80} />
            <small>
              {count(family.rows.length, 'scenario')}
              {surprises > 0 && <b> · {surprises} unexpected</b>}
            </small>
          </span>
        </th>
      </tr>
      {family.rows.map((row) => {
        const at = (id: string | null): number =>
          row.slots.findIndex((slot) => isCell(slot) && slot.id === id);
        return <ScenarioRow key={row.scenario} row={row} active={at(active)} opened={at(opened)} />;
      })}
    </tbody>
  );
}
