import { type Excerpt, excerptOf } from './excerpt.ts';
import type { Moment, Timeline } from './model.ts';
import { isFork } from './roles.ts';
import { wordsOf } from './words.ts';

/** Two schedules of one job, moment by moment: what is the same event of the same role in both stands together. */

export interface Pair {
  breached: Moment | undefined;
  passed: Moment | undefined;
  /** There in both, and saying the same. */
  same: boolean;
}

export interface Comparison {
  excerpt: Excerpt;
  pairs: readonly Pair[];
  /** What the other's times are told from, so that what stands together there is as close as it can be. */
  passedZero: number;
}

/** A schedule that went quite another way would be told at length. */
const LONGEST = 60;

/** Undefined where nothing was heard of the one to be explained. */
export function compare(breached: Timeline, passed: Timeline): Comparison | undefined {
  const excerpt = excerptOf(breached);
  if (!excerpt) return undefined;
  const keys = keysOf(breached);
  const otherKeys = keysOf(passed);
  const wanted = new Set(excerpt.moments.map((moment) => keys.get(moment)));
  const places = passed.moments.flatMap((moment, at) => (wanted.has(otherKeys.get(moment)) ? [at] : []));
  const first = places[0];
  const last = places.at(-1);
  const others =
    first === undefined || last === undefined
      ? []
      : passed.moments.slice(first, Math.min(last + 1, first + LONGEST));
  const key = (moment: Moment): string | undefined => keys.get(moment) ?? otherKeys.get(moment);
  const pairs = aligned(excerpt.moments, others, (a, b) => key(a) === key(b)).map(
    ([a, b]): Pair => ({
      ...{ breached: a, passed: b },
      same: !!a && !!b && wordsOf(a.event, breached.roles) === wordsOf(b.event, passed.roles),
    }),
  );
  return { excerpt, pairs, passedZero: zeroOf(pairs, excerpt, others) };
}

/** What makes an event the same one in another schedule: what it is, of whom, and the how many-th of that. */
function keysOf({ moments, roles }: Timeline): Map<Moment, string> {
  const counts = new Map<string, number>();
  const keys = new Map<Moment, string>();
  for (const moment of moments) {
    const { event } = moment;
    const whose = isFork(event) ? event.child : 'pid' in event ? event.pid : undefined;
    const name = `${event.from} ${event.event} ${whose === undefined ? '' : (roles.get(whose) ?? '')}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    keys.set(moment, `${name} ${count}`);
  }
  return keys;
}

/** The longest common subsequence, with what is on one side only where it is there. */
function aligned<T>(
  left: readonly T[],
  right: readonly T[],
  equal: (a: T, b: T) => boolean,
): [T | undefined, T | undefined][] {
  const common = left.map(() => right.map(() => 0));
  const lengthAt = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const [a, b, row] = [left[i], right[j], common[i]];
      if (a === undefined || b === undefined || row === undefined) continue;
      row[j] = equal(a, b) ? lengthAt(i + 1, j + 1) + 1 : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1));
    }
  }
  const pairs: [T | undefined, T | undefined][] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const [a, b] = [left[i], right[j]];
    if (a !== undefined && b !== undefined && equal(a, b)) pairs.push([left[i++], right[j++]]);
    else if (j >= right.length || (i < left.length && lengthAt(i + 1, j) >= lengthAt(i, j + 1)))
      pairs.push([left[i++], undefined]);
    else pairs.push([undefined, right[j++]]);
  }
  return pairs;
}

/** Of the pair at the anchor, else of the last one before it, else of the first behind it: both are as far from their zeros. */
function zeroOf(pairs: readonly Pair[], { anchor }: Excerpt, others: readonly Moment[]): number {
  const anchorAt = pairs.findIndex(({ breached }) => breached === anchor);
  const both = (pair: Pair): boolean => pair.breached !== undefined && pair.passed !== undefined;
  const nearest = pairs.slice(0, anchorAt + 1).findLast(both) ?? pairs.slice(anchorAt + 1).find(both);
  if (!nearest?.breached || !nearest.passed) return others[0]?.at ?? 0;
  return nearest.passed.at - (nearest.breached.at - anchor.at);
}
