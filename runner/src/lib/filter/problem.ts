import { distance } from 'fastest-levenshtein';

/** Something wrong with an expression, and at which of its characters; a policy's reader adds file and line. */
export class ExpressionError extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.name = 'ExpressionError';
    this.at = at;
  }
}

/** Slips that a suggestion forgives: one in three letters, and two at least. */
const FORGIVEN = 1 / 3;

/** `; did you mean X?`, or which there are when they are few, or nothing. */
export function suggestion(given: string, known: readonly string[]): string {
  const allowed = Math.max(2, Math.floor(given.length * FORGIVEN));
  let best: string | undefined;
  let least = allowed + 1;
  for (const name of known) {
    if (Math.abs(name.length - given.length) >= least) continue;
    const edits = distance(given.toLowerCase(), name.toLowerCase());
    if (edits < least && edits < name.length) [best, least] = [name, edits];
  }
  if (best !== undefined) return `; did you mean \`${best}\`?`;
  return known.length > 0 && known.length <= FEW ? `; there are ${known.join(', ')}` : '';
}

const FEW = 12;
