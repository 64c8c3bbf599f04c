/**
 * Text of guests, compilers and packages may hold anything. What is shown of it hides nothing and moves nothing: controls,
 * bidirectional overrides, characters without a shape, lone surrogates and private use stand there as escapes.
 */

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}]/gu;
const HIDDEN_BUT_LINES = /[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}]/gu;
/** Marks that pile up on one letter would be painted over the lines around it. */
const PILED = /(?<=\p{M}{4})\p{M}/gu;

const MOST = 4000;

/** For one line: its ends and tabs are escapes too. */
export const visible = (text: string, most = MOST): string => shown(text, most, HIDDEN);

/** For text of several lines, each of which may be too long. */
export function visibleLines(text: string, mostOfLine = MOST, mostLines = 1000): string {
  const lines = text.split(/\r?\n/);
  const left = lines.length - mostLines;
  const kept = lines.slice(0, mostLines).map((line) => shown(line, mostOfLine, HIDDEN_BUT_LINES));
  return [...kept, ...(left > 0 ? [`… ${left} more ${left === 1 ? 'line' : 'lines'}`] : [])].join('\n');
}

function shown(text: string, most: number, hidden: RegExp): string {
  const kept = cut(text, most);
  const left = text.length - kept.length;
  const clear = kept.replace(hidden, escaped).replace(PILED, escaped);
  return left > 0 ? `${clear}… ${left} more characters` : clear;
}

/** Not through the middle of a character. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  const inTwo = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, inTwo ? most - 1 : most);
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}
