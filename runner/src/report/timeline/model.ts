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

export function timelineOf(record: ScheduleRecord, { breach }: Pick<Scenario, 'breach'>): Timeline {
  const at = clockOf(record.events);
  const breaching = new Set(breachingEvents(record.events, breach));
  // Each source has a ring of its own, so what was heard first need not have been first.
  const timed = record.events.map((event) => ({ at: at(event), event }));
  timed.sort((a, b) => a.at - b.at);
  const roles = rolesOf(timed.map(({ event }) => event));
  const moments = timed.map(({ at, event }) => ({
    ...{ at, event, track: trackOf(event, roles), breach: breaching.has(event) },
  }));
  return { record, moments, roles };
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
