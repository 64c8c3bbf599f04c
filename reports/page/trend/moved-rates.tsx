import type { TrendChanges } from '../../../runner/src/report/page/page-data.ts';
import { percent } from '../model/format.ts';
import { CellLink } from '../parts/cell-link.tsx';
import { HeadRow, number } from '../parts/head-row.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';

const COLUMNS = [{ name: 'cell' }, { name: 'lane' }, ...['was', 'is', 'p'].map(number)];

export function MovedRates({ moved }: { moved: TrendChanges['moved'] }) {
  if (moved.length === 0) return null;
  return (
    <ScrollBox label="Moved rates">
      <table class="plain">
        <caption>Breach rates that moved by more than chance explains</caption>
        <HeadRow columns={COLUMNS} />
        <tbody>
          {moved.map(({ cell, lane, from, to, p }) => (
            <tr key={`${cell} ${lane}`}>
              <th scope="row">
                <CellLink id={cell} />
              </th>
              <td>{lane}</td>
              <td class="number">{percent(from)}</td>
              <td class="number">{percent(to)}</td>
              <td class="number">{p.toPrecision(2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
