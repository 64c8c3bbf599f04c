import type { GuestEvent, ScheduleRecord } from '../lib/events.ts';
import type { BreachPattern, Pattern, Scenario } from '../lib/scenario.ts';

/** Patterns of scenario.yaml against events; docs/formats.md says what they mean. */

export function matches(event: GuestEvent, pattern: Pattern): boolean {
  if (event.from !== pattern.from || event.event !== pattern.event) return false;
  return Object.entries(pattern.where).every(([key, value]) => fieldOf(event, key) === value);
}

/** `argvN` is element N of the argv that warden and hooks saw; in an attack's report it is a field like any other. */
function fieldOf(event: GuestEvent, key: string): unknown {
  const element = /^argv(\d+)$/.exec(key)?.[1];
  if (element !== undefined && event.from !== 'attack') {
    return 'argv' in event ? event.argv[Number(element)] : undefined;
  }
  // Own keys only: an attack's field names are its own choice, `constructor` among them.
  return Object.entries(event).find(([name]) => name === key)?.[1];
}

type Judged = Pick<Scenario, 'subject'> & { readonly breach: readonly BreachPattern[] };

export interface Breaches {
  /** Everybody who crossed the line, by either word; of attacks on the hooks the trials. */
  pids: ReadonlySet<number>;
  /** Named by the victim's word and not by the kernel's, where the scenario has both kinds of patterns; or the reverse. */
  onlyAttack: readonly number[];
  onlyHooks: readonly number[];
}

/** Who has a process for each trial is counted by pid, by the attack's word and by the kernel's; else trials are. */
export function breachesOf(record: ScheduleRecord, { subject, breach: patterns }: Judged): Breaches {
  if (subject === 'hooks') {
    return { pids: new Set(breachedTrials(record, patterns)), onlyAttack: [], onlyHooks: [] };
  }
  const named = (wanted: (pattern: BreachPattern) => boolean): Set<number> =>
    new Set(
      patterns
        .filter(wanted)
        .flatMap((pattern) =>
          breachingEvents(record.events, [pattern]).flatMap((event) => pidOf(event) ?? []),
        ),
    );
  const byAttack = named(({ from }) => from === 'attack');
  const byHooks = named(({ from }) => from === 'hooks');
  const bothKinds = ['attack', 'hooks'].every((kind) => patterns.some(({ from }) => from === kind));
  const only = (mine: Set<number>, other: Set<number>): number[] =>
    bothKinds ? [...mine].filter((pid) => !other.has(pid)) : [];
  return {
    pids: named(() => true),
    onlyAttack: only(byAttack, byHooks),
    onlyHooks: only(byHooks, byAttack),
  };
}

/** The trials of an attack's own breaches: what is compared over shapes has trials in common, and no pids. */
export function breachedTrials(record: ScheduleRecord, patterns: readonly BreachPattern[]): number[] {
  return breachingEvents(record.events, patterns).flatMap((event) =>
    event.from === 'attack' ? [event.n] : [],
  );
}

/** What some pattern matches and nothing excuses, in the order in which it was heard. */
export function breachingEvents(
  events: readonly GuestEvent[],
  patterns: readonly BreachPattern[],
): GuestEvent[] {
  return events.filter((event) =>
    patterns.some((pattern) => matches(event, pattern) && !excused(event, pattern, events)),
  );
}

/** Who would have breached, had the warden not killed it for what it had become. */
export function caughtLate({ events }: ScheduleRecord, patterns: readonly BreachPattern[]): number {
  const late = patterns.filter(({ unless }) => unless?.from === 'warden' && unless.event === 'killed');
  const caught = events.filter((event) =>
    late.some((pattern) => matches(event, pattern) && excused(event, pattern, events)),
  );
  return new Set(caught.map(pidOf)).size;
}

function excused(event: GuestEvent, { unless }: BreachPattern, events: readonly GuestEvent[]): boolean {
  if (!unless) return false;
  return events.some(
    (other) =>
      matches(other, unless) &&
      (unless.same !== 'pid' || pidOf(other) === pidOf(event)) &&
      (!unless.earlier || other.t < event.t),
  );
}

const pidOf = (event: GuestEvent): number | undefined => ('pid' in event ? event.pid : undefined);
