import type { Guest } from '../guest/index.ts';
import { allOrFirstFailure } from '../lib/all.ts';
import type { Repeats } from '../lib/certificate.ts';
import type { ScheduleRecord } from '../lib/events.ts';
import type { Cell } from '../lib/verdict.ts';
import type { RunContext } from './context.ts';
import { type Ran, runRecorded } from './recorded.ts';

/** A breach, and how often it came back. */
export interface Breach {
  ran: Ran;
  /** Trials in which the line was crossed. */
  count: number;
  /** Undefined: it was not repeated. */
  repeats?: Repeats;
  /** The first schedule of the same lane and shape in which nobody crossed the line, to be looked at beside it. */
  passed?: ScheduleRecord | undefined;
}

/** Of the control lane one breach shows how the attack works; of the guarded lane each is worth a look, and some are enough. */
const MOST = { control: 1, guarded: 5 } as const;
/** Sealed: three times, as rr and others do before they believe. Live: enough for an interval that says something. */
const REPEATS = { sealed: 3, live: 10 } as const;

/** The breaches of a cell that are kept, in a stable order. Those of the guarded lane are repeated at once. */
export async function certifiedBreaches(
  cell: Cell,
  guest: Guest,
  ran: readonly Ran[],
  context: Pick<RunContext, 'queue' | 'signal' | 'weigh'>,
): Promise<Breach[]> {
  const guarded = breachesOf(cell, 'guarded', ran, context);
  const repeated = guarded.map(async (breach): Promise<Breach> => {
    const repeats = await repeat(cell, guest, breach.ran, REPEATS[guest.mode], context);
    return repeats.of > 0 ? { ...breach, repeats } : breach;
  });
  return [...(await allOrFirstFailure(repeated)), ...breachesOf(cell, 'control', ran, context)];
}

function breachesOf(
  cell: Cell,
  lane: 'guarded' | 'control',
  ran: readonly Ran[],
  { weigh }: Pick<RunContext, 'weigh'>,
): Breach[] {
  const weighed = ran
    .filter(({ record }) => record.lane === lane)
    .map((one) => ({ ran: one, is: weigh(cell, one.record) }))
    .sort((a, b) => (a.ran.record.seed < b.ran.record.seed ? -1 : 1));
  const passing = weighed.filter(({ is }) => is.kind === 'clean').map((one) => one.ran.record);
  return weighed
    .flatMap(({ ran, is }) => (is.kind === 'breached' ? [{ ran, count: is.count }] : []))
    .slice(0, MOST[lane])
    .map((one) => ({ ...one, passed: passing.find(({ shape }) => shape === one.ran.record.shape) }));
}

/** Runs a schedule's very job again, so many times, each behind what it was behind. */
export async function repeat(
  cell: Cell,
  guest: Guest,
  { record, job, before, index }: Ran,
  times: number,
  { queue, signal, weigh }: Pick<RunContext, 'queue' | 'signal' | 'weigh'>,
): Promise<Repeats> {
  const { lane, seed } = record;
  const one = () => runRecorded(cell, { lane, index }, seed, { job, before }, guest, signal);
  const again = await allOrFirstFailure(Array.from({ length: times }, () => queue.add(one)));
  const records = again.map((other) => other.record);
  return repeatsIn(records, record, (other) => weigh(cell, other).kind === 'breached');
}

/** What the lab's own trouble ended says nothing of the breach, and is no repeat. */
export function repeatsIn(
  again: readonly ScheduleRecord[],
  { digest }: Pick<ScheduleRecord, 'digest'>,
  isBreached: (record: ScheduleRecord) => boolean,
): Repeats {
  const repeats = again.filter(({ end }) => end.kind !== 'error');
  return {
    same: repeats.filter((other) => other.digest !== null && other.digest === digest).length,
    breached: repeats.filter(isBreached).length,
    of: repeats.length,
  };
}
