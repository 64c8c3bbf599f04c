import type { TimelineRow } from '../../../runner/src/report/timeline/excerpt-file.ts';
import { type Track, timeText, type Whose, whoseRow } from '../model/timeline.ts';
import { Text } from '../parts/text.tsx';

const SIGNS: Readonly<Record<Whose, { sign: string; said: string }>> = {
  both: { sign: '', said: 'both' },
  this: { sign: '<', said: 'this alone' },
  other: { sign: '>', said: 'the other alone' },
};

const MOST = 300;

interface Props {
  row: TimelineRow;
  tracks: readonly Track[];
  compared: boolean;
}

export function TimelineEntry({ row, tracks, compared }: Props) {
  const whose = whoseRow(row, compared);
  const columns = tracks.length + (compared ? 3 : 1);
  return (
    <>
      {row.firstDifference && (
        <tr class="difference">
          <th scope="rowgroup" colSpan={columns}>
            <span>the first difference</span>
          </th>
        </tr>
      )}
      <tr class={`of-${whose}${row.breach ? ' breach' : ''}`}>
        <td class="number">{timeText(row.at)}</td>
        {compared && (
          <>
            <td class="number">{timeText(row.besideAt)}</td>
            <td class="whose" title={SIGNS[whose].said}>
              <span aria-hidden="true">{SIGNS[whose].sign}</span>
              <span class="unseen">{SIGNS[whose].said}</span>
            </td>
          </>
        )}
        {tracks.map((track, index) => (
          <td key={track} class={`track t-${track}`}>
            {track === row.track && (
              <span class="event" style={{ '--room': tracks.length - index }}>
                {row.breach && (
                  <b>
                    <span aria-hidden="true">✘ </span>
                    <span class="unseen">breach: </span>
                  </b>
                )}
                <Text of={row.text} most={MOST} />
              </span>
            )}
          </td>
        ))}
      </tr>
    </>
  );
}
