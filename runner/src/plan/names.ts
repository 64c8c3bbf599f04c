import { distance } from 'fastest-levenshtein';
import { UserError } from '../lib/errors.ts';
import { globMatches, isGlob } from './glob.ts';

/** `--arch` and friends: what the words are called, and how they are named in messages. */
export type NameKind = 'arch' | 'kernel' | 'scenario' | 'profile' | 'lane' | 'backend' | 'mode' | 'strategy';

const PLURALS: Record<NameKind, string> = {
  arch: 'arches',
  kernel: 'kernels',
  scenario: 'scenarios',
  profile: 'profiles',
  lane: 'lanes',
  backend: 'backends',
  mode: 'modes',
  strategy: 'strategies',
};

/** Names further away than this share of their length are no help, unless it is a slip or two: `amr`. */
const FARTHEST = 0.5;
const SLIPS = 2;
/** Beside a name that is a slip away, those that are many times as far are no help either. */
const WORSE_THAN_NEAREST = 3;
const MOST_SUGGESTIONS = 3;

export function nearestNames(given: string, known: readonly string[]): string[] {
  const near = known
    .map((name) => {
      const edits = distance(given, name);
      return { name, edits, share: edits / Math.max(given.length, name.length, 1) };
    })
    .filter(({ edits, share }) => share <= FARTHEST || (edits <= SLIPS && share < 1))
    .sort((a, b) => a.share - b.share);
  const most = (near[0]?.share ?? 0) * WORSE_THAN_NEAREST;
  return near
    .filter(({ share }) => share <= most)
    .slice(0, MOST_SUGGESTIONS)
    .map(({ name }) => name);
}

/** One sentence: what is unknown, and which of the known names come nearest. */
export function unknownNameText(kind: NameKind, given: string, known: readonly string[]): string {
  const nearest = nearestNames(given, known);
  const asked = isGlob(given) ? `no ${kind} matches \`${given}\`` : `there is no ${kind} \`${given}\``;
  return nearest.length > 0 ? `${asked}; did you mean ${nearest.join(' or ')}?` : asked;
}

export function unknownName(kind: NameKind, given: string, known: readonly string[]): UserError {
  const listed = known.length > 0 ? known.join(', ') : 'none';
  return new UserError(unknownNameText(kind, given, known), {
    code: `unknown-${kind}`,
    hint: `${PLURALS[kind]} there are: ${listed}`,
  });
}

/** The known names that any of the wanted names or globs means, in the order of `known`; a want without a match throws. */
export function selectNames<T extends string>(
  kind: NameKind,
  wanted: readonly string[],
  known: readonly T[],
): T[] {
  for (const want of wanted) {
    if (!known.some((name) => globMatches(want, name))) throw unknownName(kind, want, known);
  }
  return known.filter((name) => wanted.some((want) => globMatches(want, name)));
}

export function oneOf<T extends string>(kind: NameKind, given: string, known: readonly T[]): T {
  const found = known.find((name) => name === given);
  if (found === undefined) throw unknownName(kind, given, known);
  return found;
}
