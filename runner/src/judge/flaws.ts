import { type GuestEvent, type ScheduleRecord, SPLAT } from '../lib/events.ts';
import type { Flaw } from '../lib/flaw.ts';
import type { Lane } from '../lib/ids.ts';
import { flawIn, type Scenario, scheduleLimitMs, shapesOf } from '../lib/scenario.ts';

type AgentEvent = Extract<GuestEvent, { from: 'agent' }>;
type AgentOf<Name extends AgentEvent['event']> = Extract<AgentEvent, { event: Name }>;

/** Exit statuses of `warden run`, docs/formats.md; below these the status is the command's own. */
const WARDEN_REFUSED = 125;
const WARDEN_FAILED = 126;
/** signal(7): the same on every arch. */
const SIGKILL = 9;
/** The agent's word for a command that did not end in its time. */
const OVERDUE = 'limit';

export function agentEvents<Name extends AgentEvent['event']>(
  record: ScheduleRecord,
  name: Name,
): AgentOf<Name>[] {
  const isIt = (event: GuestEvent): event is AgentOf<Name> => event.from === 'agent' && event.event === name;
  return record.events.filter(isIt);
}

export interface Soundness {
  /** The job was the right one, was prepared as asked, and came to its end: only then are its breaches breaches. */
  sound: boolean;
  /** Empty when the evidence can be used as it is. */
  flaws: Flaw[];
}

/** What is wrong with one schedule, whatever its lane. */
export function soundnessOf(record: ScheduleRecord, scenario: Scenario): Soundness {
  const { end } = record;
  if (end.kind !== 'finished') return { sound: false, flaws: [{ kind: end.kind, text: end.detail }] };
  const job = jobFlaws(record, scenario);
  // A warden that failed does not unmake the job: an attack that brings it down and then gets through has breached.
  return {
    sound: job.length === 0,
    flaws: [...job, ...exitFlaws(record, scenario), ...lossFlaws(record, scenario)],
  };
}

/** The guest did what the job said: the right job, prepared as asked, to its end. */
function jobFlaws(record: ScheduleRecord, scenario: Scenario): Flaw[] {
  const flaws: Flaw[] = [];
  const limit = scheduleLimitMs(scenario, record.lane, record.trials) / 1000;
  const [start, ...more] = agentEvents(record, 'start');
  if (!start || more.length > 0 || start.lane !== record.lane || start.seed !== record.seed) {
    flaws.push({ kind: 'error', text: 'the guest did not say that it started this very job' });
  }
  const ends = agentEvents(record, 'end');
  if (ends.length !== 1 || record.events.at(-1) !== ends[0]) {
    flaws.push({ kind: 'error', text: 'the guest did not say that the job is over' });
  }
  for (const { step, subject, errno } of agentEvents(record, 'error')) {
    // The guest lives, the command does not get on: a supervisor that waits for ever looks like this.
    if (step === OVERDUE) flaws.push({ kind: 'hung', text: `${subject} (${limit} s of guest time)` });
    else if (step === SPLAT) flaws.push({ kind: 'crashed', text: subject });
    else flaws.push({ kind: 'error', text: `the agent failed: ${step} ${subject}, errno ${errno}` });
  }
  for (const { hook, reason } of agentEvents(record, 'unsupported')) {
    flaws.push({ kind: 'unsupported', text: `watch.${hook} cannot be had on this kernel: ${reason}` });
  }
  for (const { name, value, errno } of agentEvents(record, 'sysctl').filter((event) => event.errno !== 0)) {
    flaws.push({ kind: 'error', text: `${name} could not be set to ${value}: errno ${errno}` });
  }
  return [...flaws, ...wardenFlaws(record, scenario)];
}

/** What is compared with itself always agrees; and what a bug does is not told by a warden without it. */
function wardenFlaws({ lane, shape, events }: ScheduleRecord, scenario: Scenario): Flaw[] {
  const wanted = shapesOf(scenario, lane)[shape];
  const planted = flawIn(scenario, lane);
  return events.flatMap((event): Flaw[] => {
    if (event.from !== 'warden' || event.event !== 'started') return [];
    const { backend, files, flaw } = event;
    const texts: string[] = [];
    if (wanted?.backend !== undefined && backend !== wanted.backend)
      texts.push(`the warden used ${backend}, and the shape is for ${wanted.backend}`);
    if (wanted?.files !== undefined && files !== wanted.files)
      texts.push(
        `the warden’s files were ${files ?? 'under no profile'}, and the shape is for ${wanted.files}`,
      );
    if (flaw !== planted)
      texts.push(`the warden’s planted bug is ${flaw ?? 'none'}, and should be ${planted ?? 'none'}`);
    return texts.map((text) => ({ kind: 'error', text }));
  });
}

function exitFlaws(record: ScheduleRecord, scenario: Scenario): Flaw[] {
  const exits = agentEvents(record, 'exit');
  const [exit] = exits;
  if (!exit || exits.length > 1)
    return [{ kind: 'error', text: 'the guest did not say how the command ended' }];
  if (exit.status === WARDEN_FAILED)
    return [{ kind: 'error', text: 'the warden itself failed (status 126)' }];
  const said = (name: string): boolean =>
    record.events.some(({ from, event }) => from === 'warden' && event === name);
  const started = said('started');
  if (started && !said('end') && exit.signal !== null && !isToldOtherwise(exit.signal, record.lane, scenario))
    return [{ kind: 'error', text: `the warden itself died: ${describeExit(exit)}` }];
  if (started || exit.status === 0 || refusals(record).length > 0) return [];
  return [{ kind: 'error', text: `the warden never started: ${describeExit(exit)}` }];
}

/** By a scenario whose attack kills it; or in the honest lane, whose work is obstructed then. */
const isToldOtherwise = (signal: number, lane: Lane, { killsWarden }: Scenario): boolean =>
  lane === 'honest' || (signal === SIGKILL && killsWarden === true);

/** Lines that never reached us may be the ones that mattered; what the command printed is no evidence. */
function lossFlaws(record: ScheduleRecord, scenario: Scenario): Flaw[] {
  const flaws: Flaw[] = agentEvents(record, 'lost')
    .filter(({ source, lines }) => lines > 0 && (source === 'warden' || source === 'attack'))
    .map(({ source, lines }) => ({ kind: 'inconclusive', text: `${lines} lines of ${source} were lost` }));
  if (![...scenario.breach, ...scenario.agreement].some(({ from }) => from === 'hooks')) return flaws;
  const hooks = record.events.filter((event) => event.from === 'hooks');
  const dropped = hooks.reduce((sum, event) => sum + (event.event === 'dropped' ? event.count : 0), 0);
  if (dropped > 0) {
    flaws.push({ kind: 'inconclusive', text: `the hook module dropped ${dropped} events` });
  }
  // The command's own exec is one, so silence means that nobody was listening.
  if (refusals(record).length === 0 && !hooks.some(({ event }) => event !== 'dropped')) {
    flaws.push({ kind: 'inconclusive', text: 'the hook module said nothing' });
  }
  return flaws;
}

/** The warden's reasons for not starting the command at all. */
export function refusals(record: ScheduleRecord): string[] {
  return record.events.flatMap((event) =>
    event.from === 'warden' && event.event === 'refused' ? [event.reason] : [],
  );
}

export function describeExit({ status, signal }: { status: number | null; signal: number | null }): string {
  if (signal !== null) return `signal ${signal}`;
  return status === WARDEN_REFUSED ? 'the warden refused to run it (status 125)' : `status ${status}`;
}
