import { visible as escaped, visibleButTabs } from '../../../runner/src/lib/visible.ts';

/** Text of guests, compilers and packages may hold anything, and may be of any length: what is shown of it is cut. */

const MOST = 4000;

/** For one line: its ends and tabs are escapes too. */
export const visible = (text: string, most = MOST): string => shown(text, most, escaped);

/** For text of several lines, each of which may be too long. */
export function visibleLines(text: string, mostOfLine = MOST, mostLines = 1000): string {
  const lines = text.split(/\r?\n/);
  const left = lines.length - mostLines;
  const kept = lines.slice(0, mostLines).map((line) => shown(line, mostOfLine, visibleButTabs));
  return [...kept, ...(left > 0 ? [`… ${left} more ${left === 1 ? 'line' : 'lines'}`] : [])].join('\n');
}

function shown(text: string, most: number, clearOf: (text: string) => string): string {
  const kept = cut(text, most);
  const left = text.length - kept.length;
  const clear = clearOf(kept);
  return left > 0 ? `${clear}… ${left} more characters` : clear;
}

/** Not through the middle of a character. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  const inTwo = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, inTwo ? most - 1 : most);
}
