import { asciiJson } from '../../lib/ascii-json.ts';
import type { GuestEvent } from '../../lib/events.ts';
import type { Moment, Timeline } from './model.ts';
import { type Row, Rows } from './rows.ts';
import { type Arrow, arrowsOf, imagesOf, judgementsOf, livesOf, type Span, trialsOf } from './spans.ts';
import { type Flow, type Instant, microseconds, type Slice, type TraceEvent } from './trace-events.ts';
import { short, wordsOf } from './words.ts';

/** A schedule as a file for a trace viewer: docs/formats.md, Trace. */

/** Of the name that is written on a slice, and of each value that is shown when one is chosen. */
const LONGEST_NAME = 80;
const LONGEST_VALUE = 1024;
/** From here on Perfetto shows another number. */
const PAST_INT64 = 2 ** 63;

/** The whole file, in ASCII. `about` says what was run, by key. */
export function traceText(timeline: Timeline, about: Readonly<Record<string, string>>): string {
  const { lane, seed, shape } = timeline.record;
  return `${asciiJson({
    traceEvents: traceEvents(timeline),
    displayTimeUnit: 'ns',
    // Perfetto shows it; otherData, which the format has for this, it passes over.
    metadata: { ...about, lane, seed, shape, end: endOf(timeline) },
  })}\n`;
}

function endOf({ record: { end } }: Timeline): string {
  return end.kind === 'finished' ? end.kind : short(`${end.kind}: ${end.detail}`, LONGEST_VALUE);
}

type Drawn = Slice | Instant;

/** An event, and the arrows that hang on it: readers take what comes before an arrow in its row. */
type Unit = readonly [Drawn, ...Flow[]];

export function traceEvents(timeline: Timeline): TraceEvent[] {
  const rows = new Rows(timeline);
  const alone: Drawn[] = [
    ...timeline.moments.filter(({ breach }) => breach).map((moment) => breachMark(moment, timeline, rows)),
    ...trialSlices(timeline, rows),
    ...livesOf(timeline).map((life) => lifeSlice(life, timeline, rows)),
    ...imagesOf(timeline).map((image) => imageSlice(image, timeline, rows)),
  ];
  const units = [...alone.map((event): Unit => [event]), ...momentsAndArrows(timeline, rows)];
  // What contains others comes before them.
  const length = (event: Drawn): number => (event.ph === 'X' ? event.dur : -1);
  units.sort(([a], [b]) => a.ts - b.ts || length(b) - length(a));
  return [...rows.metadata(), ...units.flat()];
}

/** Each event once: an approval lasts until the warden says what became of it, all else is a moment. */
function momentsAndArrows(timeline: Timeline, rows: Rows): Unit[] {
  const judgements = new Map(judgementsOf(timeline).map((span) => [span.from, span]));
  const events = timeline.moments.map((moment): [Moment, Drawn] => {
    const event = instant(moment, timeline, rows.rowOf(moment));
    const span = judgements.get(moment);
    return [moment, span ? lasting(event, span) : event];
  });
  const flows = flowsByMoment(timeline, rows);
  return events.map(([moment, event]) => [event, ...(flows.get(moment) ?? [])]);
}

function flowsByMoment(timeline: Timeline, rows: Rows): Map<Moment, Flow[]> {
  const flows = new Map<Moment, Flow[]>();
  for (const [index, arrow] of arrowsOf(timeline).entries()) {
    for (const [moment, flow] of flowsOf(arrow, index + 1, rows)) {
      flows.set(moment, [...(flows.get(moment) ?? []), flow]);
    }
  }
  return flows;
}

function instant({ at, track, event }: Moment, { roles }: Timeline, row: Row): Instant {
  const name = short(wordsOf(event, roles), LONGEST_NAME);
  return { ph: 'i', s: 't', name, cat: track, ts: microseconds(at), ...row, args: argsOf(event) };
}

function lasting({ s: _, ph: __, ...event }: Instant, { from, to }: Span): Slice {
  const args = { ...event.args, outcome: to.event.event };
  return { ...event, ph: 'X', dur: microseconds(to.at - from.at), args };
}

function flowsOf({ name, from, to }: Arrow, id: number, rows: Rows): [Moment, Flow][] {
  const shared = { name, cat: 'cause', id };
  return [
    [from, { ...shared, ph: 's', ts: microseconds(from.at), ...rows.rowOf(from) }],
    [to, { ...shared, ph: 'f', bp: 'e', ts: microseconds(to.at), ...rows.rowOf(to) }],
  ];
}

function breachMark(moment: Moment, timeline: Timeline, rows: Rows): Instant {
  return { ...instant(moment, timeline, rows.row('breach')), cat: 'breach' };
}

function trialSlices(timeline: Timeline, rows: Rows): Slice[] {
  return trialsOf(timeline).map(({ from, to }) => ({
    ...{ ph: 'X', name: short(trialName(to.event), LONGEST_NAME), cat: 'trial' },
    ...{ ts: microseconds(from), dur: microseconds(to.at - from), ...rows.row('trials') },
    args: argsOf(to.event),
  }));
}

/** Attacks on the warden say an outcome, those on the hooks a result. */
function trialName(event: GuestEvent): string {
  if (event.from !== 'attack') return event.event;
  const said = event.outcome ?? event.result;
  return `trial ${event.n}${said === undefined ? '' : `: ${said}`}`;
}

function spanSlice(span: Span, name: string, { roles }: Timeline, rows: Rows): Slice {
  const { pid, from, to } = span;
  const group = roles.get(pid) === 'attack' ? 'attacker' : 'victim';
  return {
    ...{ ph: 'X', name: short(name, LONGEST_NAME), cat: group },
    ...{ ts: microseconds(from.at), dur: microseconds(to.at - from.at), ...rows.processRow(group, pid) },
    args: {
      first: short(wordsOf(from.event, roles), LONGEST_VALUE),
      last: short(wordsOf(to.event, roles), LONGEST_VALUE),
    },
  };
}

const lifeSlice = (life: Span, timeline: Timeline, rows: Rows): Slice =>
  spanSlice(life, timeline.roles.get(life.pid) ?? 'nobody', timeline, rows);

const imageSlice = (image: Span, timeline: Timeline, rows: Rows): Slice =>
  spanSlice(image, wordsOf(image.from.event, timeline.roles), timeline, rows);

/** Its own fields, `t` as it was said. */
function argsOf(event: GuestEvent): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [short(name), shownValue(value)]));
}

function shownValue(value: unknown): unknown {
  if (typeof value === 'string') return short(value, LONGEST_VALUE);
  if (typeof value === 'number' && Math.abs(value) >= PAST_INT64) return String(value);
  return Array.isArray(value) ? value.map(shownValue) : value;
}
