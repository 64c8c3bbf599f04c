import type { GuestEvent } from '../../lib/events.ts';
import type { Moment, Timeline } from './model.ts';
import { isFork } from './roles.ts';

/** What lasts, and what follows from what, read out of moments that follow each other. */

/** From one moment to another, both of one process. */
export interface Span {
  pid: number;
  from: Moment;
  to: Moment;
}

export interface Arrow {
  name: string;
  from: Moment;
  to: Moment;
}

export interface Trial {
  /** Nanoseconds since the job's start. */
  from: number;
  to: Moment;
}

type WardenOf<Name> = Extract<GuestEvent, { from: 'warden'; event: Name }>;

/** Of an exec. Other calls are judged by a path and without words, and nothing more is said of them. */
const isApproval = (event: GuestEvent): event is WardenOf<'judged'> =>
  event.from === 'warden' && event.event === 'judged' && event.decision === 'allow' && event.argv.length > 0;

const CLOSING: ReadonlySet<string> = new Set(['verified', 'killed', 'exec-failed']);
const isClosing = (event: GuestEvent): event is WardenOf<'verified'> =>
  event.from === 'warden' && CLOSING.has(event.event);

/** From an approval to what became of it, where the warden says so. */
export function judgementsOf({ moments }: Timeline): Span[] {
  const open = new Map<number, Moment>();
  const spans: Span[] = [];
  for (const moment of moments) {
    const { event } = moment;
    if (isApproval(event)) open.set(event.pid, moment);
    if (!isClosing(event)) continue;
    const from = open.get(event.pid);
    if (from) spans.push({ pid: event.pid, from, to: moment });
    open.delete(event.pid);
  }
  return spans;
}

/** From the first word about a process to the last; of the attack and of those below it. */
export function livesOf({ moments, roles }: Timeline): Span[] {
  const lives = new Map<number, Span>();
  const mention = (pid: number, moment: Moment): void => {
    const life = lives.get(pid);
    if (life) life.to = moment;
    else lives.set(pid, { pid, from: moment, to: moment });
  };
  for (const moment of moments) {
    const { event } = moment;
    if (!('pid' in event)) continue;
    // A parent that forks is alive, and so is its child.
    mention(event.pid, moment);
    if (isFork(event)) mention(event.child, moment);
  }
  return [...lives.values()].filter(({ pid }) => /^(attack|child)/.test(roles.get(pid) ?? ''));
}

/** From each exec of a process to its next one, or to the last word about it. */
export function imagesOf(timeline: Timeline): Span[] {
  const lives = new Map(livesOf(timeline).map((life) => [life.pid, life]));
  const current = new Map<number, Span>();
  const images: Span[] = [];
  for (const moment of timeline.moments) {
    const { event } = moment;
    if (event.from !== 'hooks' || event.event !== 'exec') continue;
    const life = lives.get(event.pid);
    if (!life) continue;
    const before = current.get(event.pid);
    if (before) before.to = moment;
    const image = { pid: event.pid, from: moment, to: life.to };
    current.set(event.pid, image);
    images.push(image);
  }
  return images;
}

/** Only the end of a trial is reported: what came before it, and behind the report before, is of that trial. */
export function trialsOf({ moments }: Timeline): Trial[] {
  const reports = moments.filter(
    ({ event }) => event.from === 'attack' && event.event === 'trial' && event.n > 0,
  );
  return reports.map((to, index) => ({ from: reports[index - 1]?.at ?? 0, to }));
}

/** An approval and the exec that it let happen, a fork and the child's registration, an exec and the image's first word. */
export function arrowsOf({ moments }: Timeline): Arrow[] {
  const approved = new Map<number, Moment>();
  const forked = new Map<number, Moment>();
  const ran = new Map<number, Moment>();
  const arrows: Arrow[] = [];
  const close = (name: string, waiting: Map<number, Moment>, pid: number, to: Moment): void => {
    const from = waiting.get(pid);
    if (from) arrows.push({ name, from, to });
    waiting.delete(pid);
  };
  for (const moment of moments) {
    const { event } = moment;
    if (isApproval(event)) approved.set(event.pid, moment);
    else if (isFork(event)) forked.set(event.child, moment);
    else if (event.from === 'hooks' && event.event === 'exec') {
      close('approved', approved, event.pid, moment);
      ran.set(event.pid, moment);
    } else if (event.from === 'warden' && event.event === 'registered')
      close('forked', forked, event.pid, moment);
    else if (event.from === 'attack') close('ran', ran, event.pid, moment);
  }
  return arrows;
}
