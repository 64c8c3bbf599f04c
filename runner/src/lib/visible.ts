/** Text from guests, compilers and packages may hold anything; what is shown of it hides nothing, moves nothing and commands nothing. */

/** Controls, bidirectional overrides, lone surrogates, private use, line separators, and what has no shape (Default_Ignorable_Code_Point). */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}]/gu;
/** Marks that pile up on one letter would be painted over the lines around it. */
const PILED = /(?<=\p{M}{4})\p{M}/gu;

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/** One line, as it can be seen: the rest stands there as escapes, line ends and tabs too. */
export const visible = (text: string): string => text.replace(HIDDEN, escapeChar).replace(PILED, escapeChar);

export const visibleButTabs = (line: string): string => line.split('\t').map(visible).join('\t');

export function escapeChar(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`;
}
