import type { TrendRun } from '../../../runner/src/report/page/page-data.ts';
import { dateText, duration } from '../model/format.ts';
import { SYMBOLS, VERDICTS } from '../model/verdicts.ts';
import { HeadRow, number } from '../parts/head-row.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { Text } from '../parts/text.tsx';

/** The newest first. */
export function RunsTable({ runs }: { runs: readonly TrendRun[] }) {
  const seen = VERDICTS.filter((verdict) => runs.some(({ counts }) => (counts[verdict] ?? 0) > 0));
  const columns = [
    ...[{ name: 'run' }, { name: 'started' }, number('as expected')],
    ...seen.map((verdict) => number(`${SYMBOLS[verdict]} ${verdict}`)),
    ...[number('took'), { name: 'seed' }, { name: 'profile' }, { name: 'QEMU' }],
  ];
  return (
    <ScrollBox label="Runs">
      <table class="plain">
        <HeadRow columns={columns} />
        <tbody>
          {runs.toReversed().map((run) => (
            <tr key={run.id}>
              <th scope="row">
                <Text of={run.id} most={100} />
              </th>
              <td>{dateText(run.startedAt)}</td>
              <td class="number">
                {run.asExpected} of {run.cells}
              </td>
              {seen.map((verdict) => (
                <td key={verdict} class="number">
                  {run.counts[verdict] ?? 0}
                </td>
              ))}
              <td class="number">{duration(run.seconds)}</td>
              <td>
                <Text of={run.seed} most={40} />
              </td>
              <td>
                <Text of={run.profile} most={40} />
              </td>
              <td>
                <Text of={run.qemu} most={40} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
