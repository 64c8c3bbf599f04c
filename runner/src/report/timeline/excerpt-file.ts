import { z } from 'zod';
import { LANES } from '../../lib/ids.ts';
import { compare } from './align.ts';
import { excerptOf } from './excerpt.ts';
import { type Moment, type Timeline, TRACKS } from './model.ts';
import { wordsOf } from './words.ts';

/**
 * What happened around a breach as a file beside its capsule, for a page to draw: the same lines that the
 * terminal shows (text.ts).
 */

const rowSchema = z.strictObject({
  /** Milliseconds from where the line was first crossed; null in a row that is of the other schedule alone. */
  at: z.number().nullable(),
  /** The same of the schedule beside it, from the moment that corresponds; null in a row that is of this one alone. */
  besideAt: z.number().nullable(),
  track: z.enum(TRACKS),
  text: z.string(),
  breach: z.boolean(),
  /** From here on the two differ in more than their times. */
  firstDifference: z.boolean(),
});

export type TimelineRow = z.infer<typeof rowSchema>;

export const timelineFileSchema = z.strictObject({
  timeline: z.literal(1),
  cell: z.string(),
  lane: z.enum(LANES),
  seed: z.string(),
  shape: z.string(),
  /** Seed of the schedule beside it, in which nobody crossed the line; null where there was none. */
  beside: z.string().nullable(),
  rows: z.array(rowSchema),
});

export type TimelineFile = z.infer<typeof timelineFileSchema>;

export function timelineFile(cell: string, breached: Timeline, passed?: Timeline): TimelineFile {
  const { lane, seed, shape } = breached.record;
  const of = { timeline: 1, cell, lane, seed, shape } as const;
  if (!passed) return { ...of, beside: null, rows: aloneRows(breached) };
  return { ...of, beside: passed.record.seed, rows: comparedRows(breached, passed) };
}

function aloneRows(timeline: Timeline): TimelineRow[] {
  const excerpt = excerptOf(timeline);
  if (!excerpt) return [];
  return excerpt.moments.map((moment) => ({
    ...row(moment, timeline),
    at: milliseconds(moment.at - excerpt.anchor.at),
    besideAt: null,
  }));
}

function comparedRows(breached: Timeline, passed: Timeline): TimelineRow[] {
  const comparison = compare(breached, passed);
  if (!comparison) return [];
  const { pairs, excerpt, passedZero } = comparison;
  const first = pairs.findIndex(({ same }) => !same);
  return pairs.flatMap(({ breached: here, passed: there, same }, index): TimelineRow[] => {
    const at = here ? milliseconds(here.at - excerpt.anchor.at) : null;
    const besideAt = there ? milliseconds(there.at - passedZero) : null;
    if (same && here) return [{ ...row(here, breached), at, besideAt }];
    const own = here ? [{ ...row(here, breached), at, besideAt: null }] : [];
    const other = there ? [{ ...row(there, passed), at: null, besideAt }] : [];
    const both = [...own, ...other];
    return both.map((one, place) => ({ ...one, firstDifference: index === first && place === 0 }));
  });
}

const row = ({ track, event, breach }: Moment, { roles }: Timeline) => ({
  ...{ track, text: wordsOf(event, roles), breach },
  firstDifference: false,
});

/** To the microsecond. */
const milliseconds = (ns: number): number => Math.round(ns / 1000) / 1000;
