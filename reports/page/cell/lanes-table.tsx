import type { PageCell } from '../../../runner/src/report/page/page-data.ts';
import { HeadRow, number } from '../parts/head-row.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { Section } from '../parts/section.tsx';
import { LaneRow } from './lane-row.tsx';

const LANES = [
  { lane: 'control', about: 'defence off' },
  { lane: 'guarded', about: 'defence on' },
  { lane: 'honest', about: 'nobody attacks' },
] as const;

const COLUMNS = [
  { name: 'lane' },
  ...['schedules', 'trials', 'crossed', 'rate'].map(number),
  { name: 'each schedule' },
];

export function LanesTable({ cell: { lanes } }: { cell: PageCell }) {
  if (LANES.every(({ lane }) => !lanes[lane])) return null;
  return (
    <Section title="Lanes">
      <ScrollBox label="Lanes">
        <table class="plain lanes">
          <HeadRow columns={COLUMNS} />
          <tbody>
            {LANES.map(({ lane, about }) => {
              const result = lanes[lane];
              return result && <LaneRow key={lane} name={lane} about={about} lane={result} />;
            })}
          </tbody>
        </table>
      </ScrollBox>
    </Section>
  );
}
