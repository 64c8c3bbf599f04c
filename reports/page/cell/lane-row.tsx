import type { PageLane } from '../../../runner/src/report/page/page-data.ts';
import { percent } from '../model/format.ts';
import { rateOf } from '../model/words.ts';
import { CountsStrip } from './counts-strip.tsx';

interface Props {
  name: string;
  about: string;
  lane: PageLane;
}

export function LaneRow({ name, about, lane }: Props) {
  const rate = rateOf(lane);
  return (
    <tr class={`lane-${name}`}>
      <th scope="row">
        {name}
        <small>{about}</small>
      </th>
      <td class="number">{lane.schedules}</td>
      <td class="number">{lane.trials}</td>
      <td class="number">
        {lane.crossed}
        {name === 'honest' && <small>refused</small>}
      </td>
      <td class="number">{rate === null ? '' : percent(rate)}</td>
      <td>
        <CountsStrip lane={lane} />
      </td>
    </tr>
  );
}
