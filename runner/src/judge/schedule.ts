import type { GuestEvent, ScheduleRecord } from '../lib/events.ts';
import type { Flaw } from '../lib/flaw.ts';
import type { Lane } from '../lib/ids.ts';
import type { Scenario } from '../lib/scenario.ts';
import type { Cell } from '../lib/verdict.ts';
import { agentEvents, describeExit, refusals, soundnessOf } from './flaws.ts';
import { type Breaches, breachesOf, caughtLate, matches } from './match.ts';

/** What an attack says of a trial in which nothing was tried (native/kit/victim.c). */
const BROKEN = 'broken';

/** All that one schedule says, whatever the others do. */
export interface ScheduleEvidence {
  record: ScheduleRecord;
  sound: boolean;
  flaws: Flaw[];
  findings: string[];
  breaches: Breaches;
  trials: number;
  refused: number;
  alive: boolean;
  /** Which of the scenario's `alive` was there, by its place in the list. */
  signs: ReadonlySet<number>;
  obstacles: string[];
}

export function examineSchedule(cell: Cell, lane: Lane, record: ScheduleRecord): ScheduleEvidence {
  const { scenario } = cell;
  const asked = cell.trials[lane];
  const { sound, flaws } = soundnessOf(record, scenario);
  const made = trialsMade(record, asked);
  const done = workDone(record, scenario, asked);
  const honest = lane === 'honest';
  const signs = signsIn(record, scenario);
  const alive = signs.size > 0;
  // A warden that refuses to start has no trials to show: fine where the scenario waits for just that.
  const excused = alive && refusals(record).length > 0;
  if (sound && !honest && !excused && made.trials < asked) {
    flaws.push({ kind: 'inconclusive', text: `only ${made.trials} of ${asked} trials were made` });
  }
  return {
    record,
    sound,
    flaws,
    findings: findingsOf(made.strange, lane === 'guarded' ? caughtLate(record, scenario.breach) : 0).map(
      (text) => `${placeOf(lane, record)}: ${text}`,
    ),
    breaches: breachesOf(record, scenario),
    trials: honest ? asked : made.trials,
    refused: honest ? asked - done : 0,
    alive,
    signs,
    obstacles: honest ? obstaclesOf(record, asked - done) : [],
  };
}

const signsIn = ({ events }: ScheduleRecord, { alive }: Scenario): Set<number> =>
  new Set(alive.flatMap((sign, place) => (events.some((event) => matches(event, sign)) ? [place] : [])));

/** What does not change the verdict and should be known. */
function findingsOf(strange: number, late: number): string[] {
  return [
    ...(strange > 0 ? [`${strange} reports of trials make no sense`] : []),
    ...(late > 0 ? [`${late} executed what was not judged and were killed for it: nobody held them`] : []),
  ];
}

/** Attacks are not trusted: a trial counts once, only if it was asked for, and not if its attack says that it failed itself. */
function trialsMade(record: ScheduleRecord, asked: number): { trials: number; strange: number } {
  const made = record.events.filter(
    (event) => event.from === 'attack' && event.event === 'trial' && event.outcome !== BROKEN,
  );
  const numbers = made.map((event) => numberOf(event)).filter((n) => n >= 1 && n <= asked);
  const trials = new Set(numbers).size;
  return { trials, strange: made.length - trials };
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

export const placeOf = (lane: Lane, { seed, shape }: ScheduleRecord): string =>
  `lane ${lane}, shape ${shape}, seed ${seed}`;
