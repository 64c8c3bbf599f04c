import { createHash } from 'node:crypto';
import type { GuestEvent, ScheduleRecord } from '../lib/events.ts';
import type { Lane } from '../lib/ids.ts';
import type { Scenario } from '../lib/scenario.ts';
import type { Cell, LaneResult } from '../lib/verdict.ts';
import { agentEvents, describeExit, type Flaw, refusals, soundnessOf } from './flaws.ts';
import { type Breaches, breachesOf, matches } from './match.ts';

/** All that one lane's schedules say. */
export interface LaneEvidence {
  result: LaneResult;
  flaws: Flaw[];
  /** Schedules that are not there: a consequence more often than a cause, so other flaws are told first. */
  missing: Flaw[];
  findings: string[];
  /** Schedules in which the defence showed that it was at work. */
  aliveSchedules: number;
  /** Schedules in which it neither did so nor refused to start. */
  silentSchedules: number;
  /** Words on what stood in the way of honest work; empty in the other lanes. */
  obstacles: string[];
}

interface ScheduleEvidence {
  record: ScheduleRecord;
  sound: boolean;
  flaws: Flaw[];
  findings: string[];
  breaches: Breaches;
  trials: number;
  refused: number;
  alive: boolean;
  obstacles: string[];
}

/** Most pids and obstacles that a sentence names. */
const MOST_NAMED = 5;

export function examineLane(cell: Cell, lane: Lane, records: readonly ScheduleRecord[]): LaneEvidence {
  const schedules = records
    .filter((record) => record.lane === lane)
    .map((record) => examineSchedule(cell, lane, record));
  const usable = schedules.filter(({ sound }) => sound);
  const sum = (count: (schedule: ScheduleEvidence) => number): number =>
    usable.reduce((total, schedule) => total + count(schedule), 0);
  return {
    result: {
      schedules: usable.length,
      trials: sum(({ trials }) => trials),
      breaches: sum(({ breaches }) => breaches.pids.size),
      breachedSchedules: sum(({ breaches }) => (breaches.pids.size > 0 ? 1 : 0)),
      refused: sum(({ refused }) => refused),
      digest: digestOf(usable.map(({ record }) => record)),
    },
    flaws: schedules.flatMap((schedule) => labelled(lane, schedule)),
    missing: countFlaws(cell, lane, schedules),
    findings: [
      ...disagreements(lane, usable),
      ...toothlessShapes(lane, usable),
      ...schedules.flatMap(({ findings }) => findings),
    ],
    aliveSchedules: sum(({ alive }) => (alive ? 1 : 0)),
    silentSchedules: sum(({ alive, record }) => (alive || refusals(record).length > 0 ? 0 : 1)),
    obstacles: [...new Set(usable.flatMap(({ obstacles }) => obstacles))].slice(0, MOST_NAMED),
  };
}

function examineSchedule(cell: Cell, lane: Lane, record: ScheduleRecord): ScheduleEvidence {
  const { scenario } = cell;
  const asked = cell.trials[lane];
  const { sound, flaws } = soundnessOf(record, scenario);
  const made = trialsMade(record, asked);
  const done = workDone(record, scenario, asked);
  const honest = lane === 'honest';
  // A warden that refuses to start has no trials to show; whether that is what the scenario waits for, `alive` says.
  const excused = refusals(record).length > 0;
  if (sound && !honest && !excused && made.trials < asked) {
    flaws.push({ kind: 'inconclusive', text: `only ${made.trials} of ${asked} trials were made` });
  }
  return {
    record,
    sound,
    flaws,
    findings:
      made.strange > 0 ? [`${where(lane, record)}: ${made.strange} reports of trials make no sense`] : [],
    breaches: breachesOf(record, scenario.breach),
    trials: honest ? asked : made.trials,
    refused: honest ? asked - done : 0,
    alive: record.events.some((event) => scenario.alive.some((sign) => matches(event, sign))),
    obstacles: honest ? obstaclesOf(record, asked - done) : [],
  };
}

/** Attacks are not trusted: a trial counts once, and only if it was asked for. */
function trialsMade(record: ScheduleRecord, asked: number): { trials: number; strange: number } {
  const reports = record.events.filter((event) => event.from === 'attack' && event.event === 'trial');
  const numbers = reports.map((event) => numberOf(event)).filter((n) => n >= 1 && n <= asked);
  const trials = new Set(numbers).size;
  return { trials, strange: reports.length - trials };
}

function workDone(record: ScheduleRecord, scenario: Scenario, asked: number): number {
  const done = record.events.filter((event) => matches(event, scenario.work));
  // Only attacks number their trials; what others saw is counted as it comes.
  if (scenario.work.from !== 'attack') return Math.min(done.length, asked);
  return new Set(done.map(numberOf).filter((n) => n >= 1 && n <= asked)).size;
}

const numberOf = (event: GuestEvent): number => (event.from === 'attack' ? event.n : 0);

function obstaclesOf(record: ScheduleRecord, refused: number): string[] {
  const obstacles = refusals(record).map((reason) => `the warden refused: ${reason}`);
  const [exit] = agentEvents(record, 'exit');
  if (exit && exit.status !== 0 && obstacles.length === 0)
    obstacles.push(`it ended with ${describeExit(exit)}`);
  if (refused > 0) {
    for (const event of record.events) {
      if (event.from !== 'warden') continue;
      if (event.event === 'unjudged') obstacles.push(`unjudged: ${event.reason}`);
      if (event.event === 'killed') obstacles.push(`killed: ${event.reason}`);
    }
  }
  return obstacles;
}

/** Fewer schedules than planned, or one of them twice, would make a small number look like a large one. */
function countFlaws(cell: Cell, lane: Lane, schedules: readonly ScheduleEvidence[]): Flaw[] {
  const planned = cell.schedules[lane];
  const seeds = new Set(schedules.map(({ record }) => record.seed));
  const flaws: Flaw[] = [];
  if (seeds.size < schedules.length) {
    flaws.push({ kind: 'error', text: `lane ${lane}: two schedules have the same seed` });
  }
  if (schedules.length < planned) {
    flaws.push({ kind: 'error', text: `lane ${lane}: ${schedules.length} of ${planned} schedules were run` });
  }
  return flaws;
}

function labelled(lane: Lane, { record, flaws }: ScheduleEvidence): Flaw[] {
  return flaws.map(({ kind, text }) => ({ kind, text: `${where(lane, record)}: ${text}` }));
}

const where = (lane: Lane, { seed, shape }: ScheduleRecord): string =>
  `lane ${lane}, shape ${shape}, seed ${seed}`;

function disagreements(lane: Lane, schedules: readonly ScheduleEvidence[]): string[] {
  return schedules.flatMap(({ record, breaches: { onlyAttack, onlyHooks } }) => [
    ...disagreement(where(lane, record), onlyAttack, 'the victim', 'the kernel'),
    ...disagreement(where(lane, record), onlyHooks, 'the kernel', 'the victim'),
  ]);
}

function disagreement(place: string, pids: readonly number[], who: string, other: string): string[] {
  if (pids.length === 0) return [];
  const named = pids.slice(0, MOST_NAMED).join(', ') + (pids.length > MOST_NAMED ? ', …' : '');
  return [`${place}: ${who} reports a breach that ${other} does not: pid ${named}`];
}

/** A shape that cannot breach without a defence shows nothing with one, even when another shape can. */
function toothlessShapes(lane: Lane, schedules: readonly ScheduleEvidence[]): string[] {
  if (lane !== 'control') return [];
  const shapes = new Set(schedules.map(({ record }) => record.shape));
  const sharp = new Set(
    schedules.filter(({ breaches }) => breaches.pids.size > 0).map(({ record }) => record.shape),
  );
  const blunt = [...shapes].filter((shape) => !sharp.has(shape));
  if (sharp.size === 0 || blunt.length === 0) return [];
  return [`lane control: only ${[...sharp].join(', ')} breached; ${blunt.join(', ')} never did`];
}

/** Null when a schedule has none: half a digest would look like a whole one. */
function digestOf(records: readonly ScheduleRecord[]): string | null {
  if (records.length === 0 || records.some(({ digest }) => digest === null)) return null;
  const hash = createHash('sha256');
  for (const { digest } of records) hash.update(`${digest}\n`);
  return `sha256:${hash.digest('hex')}`;
}
