import type { PageConsole } from '../../../runner/src/report/page/page-data.ts';
import { visibleLines } from '../model/visible.ts';
import { FileLink } from '../parts/file-link.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { Section } from '../parts/section.tsx';

const MOST_OF_LINE = 1000;

export const Console = ({ console: { file, tail } }: { console: PageConsole }) => (
  <Section title="Console">
    {tail !== null && (
      <ScrollBox label="Last lines of the console">
        <pre dir="ltr">{visibleLines(tail, MOST_OF_LINE)}</pre>
      </ScrollBox>
    )}
    <p>
      {tail === null ? 'in ' : 'its last lines; all of it in '}
      <FileLink file={file} />
    </p>
  </Section>
);
