import type { GuestEvent, ScheduleRecord } from '../lib/events.ts';
import type { Pattern } from '../lib/scenario.ts';
import { matches } from './match.ts';

/** What the shapes of one seed say differently; docs/formats.md says what counts as the same. */

export interface Disagreement {
  /** 0 where it is in no trial. */
  trial: number;
  /** `notify: …; trace: …`, only what not all of them say. */
  text: string;
}

/** Of a trial: what each process said, in its order. Which process came first may be chance, so they are sorted. */
type Stories = ReadonlyMap<number, readonly string[]>;

/** Between what a process said and what it said next. */
const THEN = ', then ';
/** Most bytes of one shape's words in a sentence. */
const LONGEST_TOLD = 300;

/** The trials in which these schedules of one seed, one for each shape, are not the same. */
export function disagreementsOf(
  records: readonly ScheduleRecord[],
  patterns: readonly Pattern[],
): Disagreement[] {
  const told = records.map((record) => ({ shape: record.shape, stories: storiesOf(record, patterns) }));
  const trials = [...new Set(told.flatMap(({ stories }) => [...stories.keys()]))].sort((a, b) => a - b);
  return trials.flatMap((trial) => {
    const sides = told.map(({ shape, stories }) => ({ shape, lines: stories.get(trial) ?? [] }));
    const same = new Set(sides.map(({ lines }) => JSON.stringify(lines))).size === 1;
    return same ? [] : [{ trial, text: describe(sides) }];
  });
}

function storiesOf(record: ScheduleRecord, patterns: readonly Pattern[]): Stories {
  const trialAt = trialsByTime(record);
  const processes = new Map<string, { trial: number; words: string[] }>();
  for (const event of record.events) {
    if (!patterns.some((pattern) => matches(event, pattern))) continue;
    const trial = event.from === 'attack' ? event.n : trialAt(event.t);
    const key = `${trial} ${event.from} ${'pid' in event ? event.pid : ''}`;
    const story = processes.get(key) ?? { trial, words: [] };
    story.words.push(projected(event));
    processes.set(key, story);
  }
  const stories = new Map<number, string[]>();
  for (const { trial, words } of processes.values()) {
    stories.set(trial, [...(stories.get(trial) ?? []), words.join(THEN)]);
  }
  for (const lines of stories.values()) lines.sort();
  return stories;
}

/** Only attacks number what they say: what others say before a trial's report, and behind the one before, is of that trial. */
function trialsByTime(record: ScheduleRecord): (t: number) => number {
  const reports = record.events.flatMap((event) =>
    event.from === 'attack' && event.event === 'trial' && event.n > 0 ? [{ t: event.t, n: event.n }] : [],
  );
  reports.sort((a, b) => a.t - b.t);
  return (t) => reports.find((report) => t <= report.t)?.n ?? 0;
}

/** Numbers of processes and times are chance; the rest is told elsewhere. */
const CHANCE: ReadonlySet<string> = new Set(['t', 'pid', 'ppid', 'child', 'n', 'from', 'event']);

function projected(event: GuestEvent): string {
  const fields = Object.entries(event)
    .filter(([name]) => !CHANCE.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `${event.from} ${event.event} ${JSON.stringify(Object.fromEntries(fields))}`;
}

interface Side {
  shape: string;
  lines: readonly string[];
}

/** Of what only one side says, from the first word on that differs. */
function describe(sides: readonly Side[]): string {
  const everywhere = (line: string): boolean => sides.every(({ lines }) => lines.includes(line));
  const own = sides.map(({ lines }) => lines.filter((line) => !everywhere(line)));
  // All of it, where the difference is how often something was said.
  const told = own.some((lines) => lines.length > 0) ? own : sides.map(({ lines }) => lines);
  const start = told.every((lines) => lines.length === 1) ? commonWords(told.flat()) : 0;
  return sides
    .map(({ shape }, index) => {
      const tails = (told[index] ?? []).map((line) => line.split(THEN).slice(start).join(THEN));
      const words = tails.join(' and ') || 'nothing';
      return `${shape}: ${words.length > LONGEST_TOLD ? `${words.slice(0, LONGEST_TOLD)}…` : words}`;
    })
    .join('; ');
}

/** How many words all lines begin with. */
function commonWords(lines: readonly string[]): number {
  const [first = [], ...others] = lines.map((line) => line.split(THEN));
  const end = first.findIndex((word, index) => others.some((other) => other[index] !== word));
  return end < 0 ? first.length : end;
}
