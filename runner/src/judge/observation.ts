import type { Lane } from '../lib/ids.ts';
import { comparesShapes, jobsPerSeed, type Scenario } from '../lib/scenario.ts';
import { type Disagreement, disagreementsOf } from './agreement.ts';
import { refusals } from './flaws.ts';
import { breachedTrials } from './match.ts';
import type { ScheduleEvidence } from './schedule.ts';

/** The independent unit that is counted: a schedule, or the schedules of one seed that are compared with each other. */
export interface Observation {
  schedules: readonly ScheduleEvidence[];
  trials: number;
  breaches: number;
  disagreements: readonly Disagreement[];
  refused: number;
  /** The defence showed itself in every schedule of it. */
  alive: boolean;
  /** In some schedule of it the defence neither did so nor refused to start. */
  silent: boolean;
}

/** What a lane's sound schedules come to. Of a seed that not all shapes were run with only breaches are left. */
export function observationsOf(
  scenario: Scenario,
  lane: Lane,
  usable: readonly ScheduleEvidence[],
): Observation[] {
  if (!comparesShapes(scenario)) return usable.map((schedule) => alone(schedule));
  const seeds = new Map<string, ScheduleEvidence[]>();
  for (const schedule of usable) {
    const { seed } = schedule.record;
    seeds.set(seed, [...(seeds.get(seed) ?? []), schedule]);
  }
  const needed = jobsPerSeed(scenario, lane);
  return [...seeds.values()]
    .map((schedules) => together(scenario, schedules))
    .filter(({ schedules, breaches }) => shapesIn(schedules) === needed || breaches > 0);
}

const shapesIn = (schedules: readonly ScheduleEvidence[]): number =>
  new Set(schedules.map(({ record }) => record.shape)).size;

function alone(schedule: ScheduleEvidence): Observation {
  const { trials, breaches, refused } = schedule;
  return { trials, breaches: breaches.pids.size, disagreements: [], refused, ...shared([schedule]) };
}

/**
 * A trial was made when it was made in all shapes, and is breached once, whether by a pattern or by a disagreement. What
 * is missing in a flawed schedule is no difference: its flaws decide.
 */
function together(scenario: Scenario, schedules: readonly ScheduleEvidence[]): Observation {
  const records = schedules.map(({ record }) => record);
  const whole = schedules.every(({ flaws }) => flaws.length === 0);
  const disagreements = whole ? disagreementsOf(records, scenario.agreement) : [];
  const breached = new Set([
    ...disagreements.map(({ trial }) => trial),
    ...records.flatMap((record) => breachedTrials(record, scenario.breach)),
  ]);
  return {
    trials: Math.min(...schedules.map(({ trials }) => trials)),
    breaches: breached.size,
    disagreements,
    refused: Math.max(...schedules.map(({ refused }) => refused)),
    ...shared(schedules),
  };
}

function shared(schedules: readonly ScheduleEvidence[]): Pick<Observation, 'schedules' | 'alive' | 'silent'> {
  return {
    schedules,
    alive: schedules.every(({ alive }) => alive),
    silent: schedules.some(({ alive, record }) => !alive && refusals(record).length === 0),
  };
}
