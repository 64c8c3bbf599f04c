import { createHash } from 'node:crypto';
import type { ScheduleRecord } from '../lib/events.ts';
import type { Flaw } from '../lib/flaw.ts';
import type { Lane } from '../lib/ids.ts';
import { comparesShapes, jobsPerSeed, shapesOf } from '../lib/scenario.ts';
import type { Cell, LaneResult } from '../lib/verdict.ts';
import { type Observation, observationsOf } from './observation.ts';
import { examineSchedule, placeOf, type ScheduleEvidence } from './schedule.ts';

/** All that one lane's schedules say. */
export interface LaneEvidence {
  result: LaneResult;
  flaws: Flaw[];
  /** Schedules that are not there: a consequence more often than a cause, so other flaws are told first. */
  missing: Flaw[];
  findings: string[];
  /** Trials in which the shapes of one seed were not the same. */
  disagreements: number;
  /** Schedules in which the defence showed that it was at work. */
  aliveSchedules: number;
  /** Which of the scenario's `alive` some schedule showed, by its place in the list. */
  signs: ReadonlySet<number>;
  /** Shapes that breached, and those that were run and never did. */
  sharp: readonly string[];
  blunt: readonly string[];
  /** Schedules in which it neither did so nor refused to start. */
  silentSchedules: number;
  /** Words on what stood in the way of honest work; empty in the other lanes. */
  obstacles: string[];
}

/** Most pids, obstacles and disagreements that are named. */
const MOST_NAMED = 5;

export function examineLane(cell: Cell, lane: Lane, records: readonly ScheduleRecord[]): LaneEvidence {
  const schedules = records
    .filter((record) => record.lane === lane)
    .map((record) => examineSchedule(cell, lane, record));
  const usable = schedules.filter(({ sound }) => sound);
  const observations = observationsOf(cell.scenario, lane, usable);
  const sum = (count: (observation: Observation) => number): number =>
    observations.reduce((total, observation) => total + count(observation), 0);
  const counted = observations.flatMap((observation) => observation.schedules);
  const teeth = teethOf(usable);
  return {
    result: {
      schedules: observations.length,
      trials: sum(({ trials }) => trials),
      breaches: sum(({ breaches }) => breaches),
      breachedSchedules: sum(({ breaches }) => (breaches > 0 ? 1 : 0)),
      breachCounts: observations.map(({ breaches }) => breaches),
      refused: sum(({ refused }) => refused),
      digest: digestOf(counted.map(({ record }) => record)),
    },
    flaws: schedules.flatMap((schedule) => labelled(lane, schedule)),
    missing: countFlaws(cell, lane, schedules),
    findings: [
      ...disagreementFindings(lane, observations),
      ...contradictions(lane, usable),
      ...(comparesShapes(cell.scenario)
        ? []
        : [...toothlessShapes(lane, teeth), ...unrunShapes(cell, lane, schedules)]),
      ...schedules.flatMap(({ findings }) => findings),
    ],
    disagreements: sum(({ disagreements }) => disagreements.length),
    aliveSchedules: sum(({ alive }) => (alive ? 1 : 0)),
    signs: new Set(counted.flatMap(({ signs }) => [...signs])),
    ...teeth,
    silentSchedules: sum(({ silent }) => (silent ? 1 : 0)),
    obstacles: [...new Set(usable.flatMap(({ obstacles }) => obstacles))].slice(0, MOST_NAMED),
  };
}

/** Fewer schedules than planned, or one of them twice, would make a small number look like a large one. */
function countFlaws(cell: Cell, lane: Lane, schedules: readonly ScheduleEvidence[]): Flaw[] {
  const compared = comparesShapes(cell.scenario);
  const planned = cell.schedules[lane] * jobsPerSeed(cell.scenario, lane);
  const nameOf = ({ seed, shape }: ScheduleRecord): string => (compared ? `${seed} ${shape}` : seed);
  const names = new Set(schedules.map(({ record }) => nameOf(record)));
  const flaws: Flaw[] = [];
  if (names.size < schedules.length) {
    const same = compared ? 'the same seed and shape' : 'the same seed';
    flaws.push({ kind: 'error', text: `lane ${lane}: two schedules have ${same}` });
  }
  if (schedules.length < planned) {
    flaws.push({ kind: 'error', text: `lane ${lane}: ${schedules.length} of ${planned} schedules were run` });
  }
  return flaws;
}

function labelled(lane: Lane, { record, flaws }: ScheduleEvidence): Flaw[] {
  return flaws.map(({ kind, text }) => ({ kind, text: `${placeOf(lane, record)}: ${text}` }));
}

function contradictions(lane: Lane, schedules: readonly ScheduleEvidence[]): string[] {
  return schedules.flatMap(({ record, breaches: { onlyAttack, onlyHooks } }) => [
    ...contradiction(placeOf(lane, record), onlyAttack, 'the victim', 'the kernel'),
    ...contradiction(placeOf(lane, record), onlyHooks, 'the kernel', 'the victim'),
  ]);
}

function contradiction(place: string, pids: readonly number[], who: string, other: string): string[] {
  if (pids.length === 0) return [];
  const named = pids.slice(0, MOST_NAMED).join(', ') + (pids.length > MOST_NAMED ? ', …' : '');
  return [`${place}: ${who} reports a breach that ${other} does not: pid ${named}`];
}

/** In the control lane they are what is wanted, and not worth a look each. */
function disagreementFindings(lane: Lane, observations: readonly Observation[]): string[] {
  if (lane === 'control') return [];
  const found = observations.flatMap(({ schedules: [first], disagreements }) =>
    disagreements.map(({ trial, text }) => {
      const place = trial > 0 ? `trial ${trial}` : 'outside trials';
      return `lane ${lane}, seed ${first?.record.seed}, ${place}: ${text}`;
    }),
  );
  const left = found.length - MOST_NAMED;
  return [
    ...found.slice(0, MOST_NAMED),
    ...(left > 0 ? [`lane ${lane}: ${left} more trials in which the shapes disagree`] : []),
  ];
}

function teethOf(schedules: readonly ScheduleEvidence[]): Pick<LaneEvidence, 'sharp' | 'blunt'> {
  const shapes = new Set(schedules.map(({ record }) => record.shape));
  const breached = new Set(
    schedules.filter(({ breaches }) => breaches.pids.size > 0).map(({ record }) => record.shape),
  );
  return { sharp: [...breached], blunt: [...shapes].filter((shape) => !breached.has(shape)) };
}

/** A shape that cannot breach without a defence shows nothing with one, even when another shape can. */
function toothlessShapes(lane: Lane, { sharp, blunt }: Pick<LaneEvidence, 'sharp' | 'blunt'>): string[] {
  if (lane !== 'control' || sharp.length === 0 || blunt.length === 0) return [];
  return [`lane control: only ${sharp.join(', ')} breached; ${blunt.join(', ')} never did`];
}

/** Schedules take their shapes by turns: where there are fewer, some have had none. */
function unrunShapes({ scenario }: Cell, lane: Lane, schedules: readonly ScheduleEvidence[]): string[] {
  const run = new Set(schedules.map(({ record }) => record.shape));
  const unrun = Object.keys(shapesOf(scenario, lane)).filter((shape) => !run.has(shape));
  if (run.size === 0 || unrun.length === 0) return [];
  return [`lane ${lane}: no schedule was of shape ${unrun.join(', ')}`];
}

/** Null when a schedule has none: half a digest would look like a whole one. */
function digestOf(records: readonly ScheduleRecord[]): string | null {
  if (records.length === 0 || records.some(({ digest }) => digest === null)) return null;
  const hash = createHash('sha256');
  for (const { digest } of records) hash.update(`${digest}\n`);
  return `sha256:${hash.digest('hex')}`;
}
