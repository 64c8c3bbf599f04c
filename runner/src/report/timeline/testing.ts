import { z } from 'zod';
import type { GuestEvent, ScheduleEnd, ScheduleRecord } from '../../lib/events.ts';
import { type BreachPattern, scenarioSchema } from '../../lib/scenario.ts';
import { timelineOf } from './model.ts';

/** Schedules for tests, and what Chrome's trace event format says of a file. */

/** The word of the victim and that of the kernel, as most scenarios have them. */
export const breach: BreachPattern[] = scenarioSchema.shape.breach.parse([
  { from: 'attack', event: 'ran', where: { argv1: 'EVIL' } },
  {
    ...{ from: 'hooks', event: 'exec', where: { argv1: 'EVIL' } },
    unless: { from: 'warden', event: 'killed', same: 'pid' },
  },
]);

export function record(events: GuestEvent[], end: ScheduleEnd = { kind: 'finished' }): ScheduleRecord {
  return {
    ...{ lane: 'guarded', seed: '7', shape: 'single', trials: 1, events, end },
    ...{ digest: null, seconds: 1, firstEventSeconds: null },
  };
}

export const timeline = (events: GuestEvent[], end?: ScheduleEnd) =>
  timelineOf(record(events, end), { breach });

export const start = (t: number): GuestEvent => ({
  ...{ from: 'agent', event: 'start', t, lane: 'guarded', seed: '7' },
});
export const end = (t: number): GuestEvent => ({ from: 'agent', event: 'end', t });
export const registered = (t: number, pid: number, ppid: number, how = 'fork'): GuestEvent => ({
  ...{ from: 'warden', event: 'registered', t, pid, ppid, how },
});
export const judged = (t: number, pid: number, argv1: string, decision: 'allow' | 'deny'): GuestEvent => ({
  ...{ from: 'warden', event: 'judged', t, pid, decision, rule: 0, path: '/bin/witness' },
  ...{ argv: ['witness', argv1], truncated: false },
});
export const warden = (t: number, event: 'verified' | 'exited' | 'exec-failed', pid: number): GuestEvent => ({
  ...{ from: 'warden', event, t, pid },
});
export const fork = (t: number, pid: number, child: number): GuestEvent => ({
  ...{ from: 'hooks', event: 'fork', t, pid, child },
});
export const exec = (t: number, pid: number, argv1: string): GuestEvent => ({
  ...{ from: 'hooks', event: 'exec', t, pid, path: '/bin/witness', argc: 2 },
  ...{ argv: ['witness', argv1], truncated: false },
});
export const ran = (t: number, pid: number, n: number, argv1: string): GuestEvent => ({
  ...{ from: 'attack', event: 'ran', t, pid, n, argv1 },
});
export const trial = (t: number, pid: number, n: number): GuestEvent => ({
  ...{ from: 'attack', event: 'trial', t, pid, n, outcome: 'ran', errno: 0 },
});

/** A schedule with one trial in it: the warden is 9, the attack 10, its victim 11. */
export const oneTrial = (argv1: string): GuestEvent[] => [
  start(1000),
  registered(2000, 10, 9, 'root'),
  // Each source is heard for itself.
  registered(3400, 11, 10),
  fork(3000, 10, 11),
  judged(4000, 11, 'GOOD', 'allow'),
  exec(5500, 11, argv1),
  warden(7000, 'verified', 11),
  ran(6000, 11, 1, argv1),
  trial(8000, 10, 1),
  end(9000),
];

const place = { pid: z.number().int().positive(), tid: z.number().int().positive() };
const args = z.record(z.string(), z.unknown());
const timed = { ...place, name: z.string().min(1), cat: z.string().min(1), ts: z.number().nonnegative() };
const flow = { ...timed, id: z.number().int().positive() };

/** Of the format only what is written here; a reader takes more. */
export const traceSchema = z.strictObject({
  displayTimeUnit: z.enum(['ms', 'ns']),
  metadata: z.record(z.string(), z.string()),
  traceEvents: z.array(
    z.discriminatedUnion('ph', [
      z.strictObject({
        ...{ ...place, ph: z.literal('M'), args },
        name: z.enum(['process_name', 'process_sort_index', 'thread_name', 'thread_sort_index']),
      }),
      z.strictObject({ ...timed, ph: z.literal('X'), dur: z.number().nonnegative(), args }),
      z.strictObject({ ...timed, ph: z.literal('i'), s: z.enum(['g', 'p', 't']), args }),
      z.strictObject({ ...flow, ph: z.literal('s') }),
      z.strictObject({ ...flow, ph: z.literal('f'), bp: z.literal('e') }),
    ]),
  ),
});
