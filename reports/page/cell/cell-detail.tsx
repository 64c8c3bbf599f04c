import type { PageCell } from '../../../runner/src/report/page/page-data.ts';
import { Command } from '../parts/command.tsx';
import { Section } from '../parts/section.tsx';
import { Capsules } from './capsules.tsx';
import { CellHistory } from './cell-history.tsx';
import { Console } from './console.tsx';
import { LanesTable } from './lanes-table.tsx';
import { Sentences } from './sentences.tsx';
import { Summary } from './summary.tsx';
import { Timeline } from './timeline.tsx';

export const CellDetail = ({ cell }: { cell: PageCell }) => (
  <>
    <Summary cell={cell} />
    <LanesTable cell={cell} />
    <Sentences title="Findings" texts={cell.findings} />
    <Sentences title="How surely it comes back" texts={cell.certificates} />
    {cell.timelines.map((timeline) => (
      <Timeline key={`${timeline.lane} ${timeline.seed}`} timeline={timeline} />
    ))}
    {cell.rerun !== null && (
      <Section title="Run it again">
        <Command text={cell.rerun} what="the command that runs this cell again" />
      </Section>
    )}
    <Capsules capsules={cell.capsules} />
    {cell.console && <Console console={cell.console} />}
    <CellHistory id={cell.id} />
  </>
);
