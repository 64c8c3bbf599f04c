import { cutTo, printable } from '../printable.ts';
import { type Comparison, compare } from './align.ts';
import { excerptOf } from './excerpt.ts';
import type { Moment, Timeline } from './model.ts';
import { wordsOf } from './words.ts';

/** A timeline for a terminal: a few lines around the breach, beside those of a schedule that passed where there is one. */

const COLUMNS = 100;
const TIME_COLUMNS = 11;
const TRACK_COLUMNS = 8;
const BREACH_MARK = '✘';

export function timelineText(breached: Timeline, passed?: Timeline): string[] {
  const comparison = passed && compare(breached, passed);
  const lines = [
    ...headOf(breached),
    ...(comparison && passed ? comparedLines(comparison, breached, passed) : aloneLines(breached)),
  ];
  return lines.map((line) => cutTo(printable(line), COLUMNS).trimEnd());
}

function headOf(timeline: Timeline): string[] {
  const { record } = timeline;
  const title = `timeline of seed ${record.seed}, lane ${record.lane}, shape ${record.shape}`;
  const ended =
    record.end.kind === 'finished'
      ? []
      : [`the schedule did not finish, ${record.end.kind}: ${record.end.detail}`];
  return [title, ...ended, ...lossesOf(timeline), ...crossingOf(timeline)];
}

function crossingOf({ moments, roles }: Timeline): string[] {
  const breaches = moments.filter(({ breach }) => breach);
  const [first] = breaches;
  if (!first)
    return [
      moments.length > 0 ? 'no event in it is a breach; these were the last' : 'nothing was heard of it',
    ];
  const pid = 'pid' in first.event ? `, pid ${first.event.pid}` : '';
  return [
    `the line is first crossed ${milliseconds(first.at)} ms after the start${pid}; ${breaches.length} such events in all:`,
    `  ${first.event.from}: ${wordsOf(first.event, roles)}`,
  ];
}

/** What is missing below may have happened all the same. */
function lossesOf({ moments }: Timeline): string[] {
  return moments.flatMap(({ event }) => {
    if (event.from === 'agent' && event.event === 'lost') {
      return [`incomplete: ${event.lines} lines of ${event.source} were lost`];
    }
    if (event.from === 'hooks' && event.event === 'dropped') {
      return [`incomplete: the hook module dropped ${event.count} events`];
    }
    return [];
  });
}

function aloneLines(timeline: Timeline): string[] {
  const excerpt = excerptOf(timeline);
  if (!excerpt) return [];
  const { moments, anchor } = excerpt;
  return [
    `${'ms'.padStart(TIME_COLUMNS)}   ${'track'.padEnd(TRACK_COLUMNS)} what`,
    ...moments.map(
      (moment) => `${time(moment, anchor.at)} ${moment.breach ? BREACH_MARK : ' '} ${what(moment, timeline)}`,
    ),
  ];
}

/** Times of both, then `<` where a line is of the breach alone and `>` where it is of the other alone. */
function comparedLines(
  { pairs, excerpt, passedZero }: Comparison,
  left: Timeline,
  right: Timeline,
): string[] {
  const blank = ' '.repeat(TIME_COLUMNS);
  const first = pairs.findIndex(({ same }) => !same);
  const lines = pairs.map(({ breached, passed, same }) => {
    const leftTime = breached ? time(breached, excerpt.anchor.at) : blank;
    const rightTime = passed ? time(passed, passedZero) : blank;
    if (same && breached) return [`${leftTime} ${rightTime}  ${mark(breached)} ${what(breached, left)}`];
    return [
      ...(breached ? [`${leftTime} ${blank} <${mark(breached)} ${what(breached, left)}`] : []),
      ...(passed ? [`${blank} ${rightTime} >${mark(passed)} ${what(passed, right)}`] : []),
    ];
  });
  return [
    `beside seed ${right.record.seed}, in which nobody crossed it: < this one alone, > that one alone`,
    `${'ms'.padStart(TIME_COLUMNS)} ${'its ms'.padStart(TIME_COLUMNS)}    ${'track'.padEnd(TRACK_COLUMNS)} what`,
    ...lines.flatMap((pair, index) => (index === first ? [FIRST_DIFFERENCE, ...pair] : pair)),
    ...(first < 0 ? ['no difference but in times'] : []),
  ];
}

const FIRST_DIFFERENCE = '--- the first difference ---';

const mark = ({ breach }: Moment): string => (breach ? BREACH_MARK : ' ');

const what = ({ track, event }: Moment, { roles }: Timeline): string =>
  `${track.padEnd(TRACK_COLUMNS)} ${wordsOf(event, roles)}`;

const milliseconds = (ns: number): string => (ns / 1e6).toFixed(3);

const time = ({ at }: Moment, zero: number): string => milliseconds(at - zero).padStart(TIME_COLUMNS);
