import { visible, visibleButTabs } from '../lib/visible.ts';

/** As visible; line ends become ` / `, since the callers write one line. */
export const printable = (text: string): string => visible(text.replace(/\r?\n/g, ' / '));

/** As printable, for text of several lines: line ends and tabs stay. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(visibleButTabs).join('\n');
}

/** Cut to a width in characters, with a mark where something was cut off. */
export function cutTo(text: string, width: number): string {
  const chars = [...text];
  return chars.length <= width ? text : `${chars.slice(0, Math.max(0, width - 1)).join('')}…`;
}
