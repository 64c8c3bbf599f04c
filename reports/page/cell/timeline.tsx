import type { PageTimeline } from '../../../runner/src/report/page/page-data.ts';
import { count } from '../model/format.ts';
import { tracksOf } from '../model/timeline.ts';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { Section } from '../parts/section.tsx';
import { Text } from '../parts/text.tsx';
import { TimelineEntry } from './timeline-entry.tsx';
import { TimelineHead } from './timeline-head.tsx';

const MOST_ROWS = 500;

/** What happened around a breach: a lane for each who took part, times at the left. */
export function Timeline({ timeline }: { timeline: PageTimeline }) {
  const { lane, seed, shape, beside, rows } = timeline;
  const tracks = tracksOf(rows);
  const left = rows.length - MOST_ROWS;
  return (
    <Section title={`Timeline, ${lane} lane`}>
      <p class="about">
        seed <Text of={seed} most={80} />, shape <Text of={shape} most={80} />
        {beside !== null && (
          <>
            ; beside seed <Text of={beside} most={80} />, in which nobody crossed the line: <b>&lt;</b> this
            alone, <b>&gt;</b> the other alone
          </>
        )}
      </p>
      <ScrollBox label={`Timeline, ${lane} lane`}>
        <table class="timeline">
          <TimelineHead tracks={tracks} compared={beside !== null} />
          <tbody>
            {rows.slice(0, MOST_ROWS).map((row, index) => (
              <TimelineEntry key={index} row={row} tracks={tracks} compared={beside !== null} />
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {left > 0 && <p>… {count(left, 'more row')}</p>}
      {beside !== null && !rows.some(({ firstDifference }) => firstDifference) && (
        <p>No difference but in times.</p>
      )}
    </Section>
  );
}
