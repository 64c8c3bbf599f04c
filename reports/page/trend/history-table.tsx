import { useState } from 'preact/hooks';
import type { TrendCell, TrendRun } from '../../../runner/src/report/page/page-data.ts';
import { count } from '../model/format.ts';
import { CellLink } from '../parts/cell-link.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { Text } from '../parts/text.tsx';
import { Sparkline } from './sparkline.tsx';
import { VerdictDot } from './verdict-dot.tsx';

interface Props {
  runs: readonly TrendRun[];
  cells: readonly TrendCell[];
  /** Whether each row says which cell it is. */
  named: boolean;
}

const FIRST_SHOWN = 100;

/** Verdicts by run, oldest first, and how often the control lane was breached. */
export function HistoryTable({ runs, cells, named }: Props) {
  const [most, setMost] = useState(FIRST_SHOWN);
  return (
    <>
      <ScrollBox label="Verdicts by run">
        <table class="plain history">
          <thead>
            <tr>
              {named && <th scope="col">cell</th>}
              {runs.map(({ id, startedAt }) => (
                <th key={id} scope="col" title={id}>
                  <Text of={startedAt.slice(8, 10) || id} most={20} />
                </th>
              ))}
              <th scope="col">control lane</th>
            </tr>
          </thead>
          <tbody>
            {cells.slice(0, most).map(({ id, verdicts, control }) => (
              <tr key={id}>
                {named && (
                  <th scope="row">
                    <CellLink id={id} />
                  </th>
                )}
                {runs.map((run, index) => (
                  <VerdictDot key={run.id} verdict={verdicts[index] ?? null} run={run} />
                ))}
                <td>
                  <Sparkline shares={control} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {cells.length > most && (
        <button type="button" onClick={() => setMost(cells.length)}>
          Show {count(cells.length - most, 'more cell')}
        </button>
      )}
    </>
  );
}
