import type { PageTrend } from '../../../runner/src/report/page/page-data.ts';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { Text } from '../parts/text.tsx';

export const TargetsTable = ({ trend: { runs, targets } }: { trend: PageTrend }) => (
  <ScrollBox label="Wall seconds">
    <table class="plain">
      <thead>
        <tr>
          <th scope="col">target</th>
          {runs.map(({ id, startedAt }) => (
            <th key={id} scope="col" class="number" title={id}>
              <Text of={startedAt.slice(5, 10) || id} most={20} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {targets.map(({ target, seconds }) => (
          <tr key={target}>
            <th scope="row">
              <Text of={target} most={100} />
            </th>
            {runs.map(({ id }, index) => (
              <td key={id} class="number">
                {seconds[index]?.toFixed(0) ?? ''}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </ScrollBox>
);
