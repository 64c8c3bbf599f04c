import type { Moment, Timeline } from './model.ts';

/** The part of a schedule that is worth a person's look: what came before the line was crossed, and a little of what came after. */

const BEFORE = 12;
const AFTER = 6;

export interface Excerpt {
  moments: readonly Moment[];
  /** Where the line was first crossed, or else what was heard last; times are told from there. */
  anchor: Moment;
}

/** Undefined where nothing was heard. */
export function excerptOf({ moments }: Timeline): Excerpt | undefined {
  const breach = moments.findIndex((moment) => moment.breach);
  const at = breach >= 0 ? breach : moments.length - 1;
  const anchor = moments[at];
  if (!anchor) return undefined;
  return { moments: moments.slice(Math.max(0, at - BEFORE), at + AFTER + 1), anchor };
}
