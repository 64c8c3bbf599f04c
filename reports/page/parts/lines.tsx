import { visibleLines } from '../model/visible.ts';

const MOST_OF_LINE = 600;

/** Text that somebody else wrote; one with line ends of its own, such as a compiler's, may point at what is above it. */
export const Lines = ({ of }: { of: string }) => (
  <bdi dir="ltr" class={of.includes('\n') ? 'lines drawn' : 'lines'}>
    {visibleLines(of, MOST_OF_LINE)}
  </bdi>
);
