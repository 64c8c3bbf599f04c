import { breachingEvents } from '../../judge/index.ts';
import type { GuestEvent, ScheduleRecord } from '../../lib/events.ts';
import type { Scenario } from '../../lib/scenario.ts';
import { ATTACK, type Roles, rolesOf } from './roles.ts';

/** One schedule as a row of moments, by the guest's clock. */

export const TRACKS = ['attacker', 'victim', 'warden', 'kernel', 'agent'] as const;
export type Track = (typeof TRACKS)[number];

export interface Moment {
  /** Nanoseconds since the job's start. */
  at: number;
  track: Track;
  event: GuestEvent;
  /** A breach pattern of the scenario matches it. */
  breach: boolean;
}

export interface Timeline {
  record: ScheduleRecord;
  /** By time; those of one time in the order in which they were heard. */
  moments: readonly Moment[];
  roles: Roles;
}

/** Viewers pile up what a row has at one time, Perfetto no more than 512; an attack may say one time as often as it likes. */
const MOST_AT_ONCE = 100;

export function timelineOf(record: ScheduleRecord, { breach }: Pick<Scenario, 'breach'>): Timeline {
  const at = clockOf(record.events);
  const breaching = new Set(breachingEvents(record.events, breach));
  // Each source has a ring of its own, so what was heard first need not have been first.
  const heard = record.events.map((event) => ({ at: at(event), event }));
  const timed = apart(heard.sort(byTime)).sort(byTime);
  const roles = rolesOf(timed.map(({ event }) => event));
  const moments = timed.map(({ at, event }) => ({
    ...{ at, event, track: trackOf(event, roles), breach: breaching.has(event) },
  }));
  return { record, moments, roles };
}

type Timed = Pick<Moment, 'at' | 'event'>;

const byTime = (a: Timed, b: Timed): number => a.at - b.at;

/** What is too much for one time is put a nanosecond on. Each source, of which all rows but the breach's have one, is counted for itself: an attack moves nobody else's words. */
function apart(timed: readonly Timed[]): Timed[] {
  const crowds = new Map<GuestEvent['from'], { at: number; size: number }>();
  return timed.map(({ at, event }) => {
    const { from } = event;
    const last = crowds.get(from) ?? { at: -1, size: 0 };
    const full = last.size >= MOST_AT_ONCE;
    const joined = full ? { at: last.at + 1, size: 1 } : { at: last.at, size: last.size + 1 };
    const crowd = at > last.at ? { at, size: 1 } : joined;
    crowds.set(from, crowd);
    return { at: crowd.at, event };
  });
}

function trackOf(event: GuestEvent, roles: Roles): Track {
  if (event.from === 'hooks') return 'kernel';
  if (event.from === 'attack') return roles.get(event.pid) === ATTACK ? 'attacker' : 'victim';
  return event.from;
}

/** An attack's times are its own words: they are held to the time in which the others saw the job run. */
function clockOf(events: readonly GuestEvent[]): (event: GuestEvent) => number {
  const seen = events.filter(({ from }) => from !== 'attack');
  const start = seen.find(({ from, event }) => from === 'agent' && event === 'start');
  const times = (seen.length > 0 ? seen : events).map(({ t }) => t);
  // Not Math.min(...times), which takes no more of them than fit on the stack.
  const first = start?.t ?? times.reduce((least, t) => Math.min(least, t), Number.POSITIVE_INFINITY);
  const last = times.reduce((most, t) => Math.max(most, t), first);
  return ({ t }) => Math.min(Math.max(t, first), last) - first;
}
