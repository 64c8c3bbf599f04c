/** Text from guests, compilers and packages may hold anything; what is shown holds nothing that a terminal obeys. */

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/**
 * Controls (C0, DEL, C1), bidirectional overrides, zero-width characters, other format and private-use characters, and lone surrogates, as
 * visible escapes. Line ends become ` / `, since the callers write one line.
 */
export function printable(text: string): string {
  return text.replace(/\r?\n/g, ' / ').replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu, escapeChar);
}

/** As printable, for text of several lines: line ends and tabs stay. */
export function printableLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');
}

export function escapeChar(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`;
}

/** Cut to a width in characters, with a mark where something was cut off. */
export function cutTo(text: string, width: number): string {
  const chars = [...text];
  return chars.length <= width ? text : `${chars.slice(0, Math.max(0, width - 1)).join('')}…`;
}
