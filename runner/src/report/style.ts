import { styleText } from 'node:util';
import { type CellResult, SYMBOLS } from '../lib/verdict.ts';

/** Behind the word of a verdict that nobody expected. */
export const UNEXPECTED_MARK = '*';

export type Tone = 'good' | 'bad' | 'open' | 'quiet' | 'strong';

const COLORS: Record<Tone, Parameters<typeof styleText>[0]> = {
  good: 'green',
  bad: ['red', 'bold'],
  open: 'yellow',
  quiet: 'dim',
  strong: 'bold',
};

export type Paint = (tone: Tone, text: string) => string;

/** NO_COLOR and dumb terminals are the caller's knowledge. */
export function painter(color: boolean): Paint {
  // validateStream would look at process.stdout, which need not be the stream that is written to.
  return (tone, text) => (color ? styleText(COLORS[tone], text, { validateStream: false }) : text);
}

export function verdictText({ verdict, asExpected }: CellResult): string {
  return `${SYMBOLS[verdict]} ${verdict}${asExpected ? '' : UNEXPECTED_MARK}`;
}

export function toneOf({ verdict, asExpected }: CellResult): Tone {
  if (verdict === 'unavailable') return 'open';
  if (!asExpected) return 'bad';
  return verdict === 'held' ? 'good' : 'quiet';
}
