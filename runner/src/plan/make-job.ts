import { type Hook, hooksForJob } from '../lib/hooks/index.ts';
import type { Backend, Lane, ScenarioId } from '../lib/ids.ts';
import { type Job, serializeJob } from '../lib/job.ts';
import {
  backendOf,
  comparesShapes,
  flawIn,
  isAboutWarden,
  jobsPerSeed,
  type Scenario,
  type Shape,
  scheduleLimitMs,
  shapesOf,
} from '../lib/scenario.ts';
import type { Cell } from '../lib/verdict.ts';

/** The warden's events go to this descriptor; see docs/formats.md, Job. */
const EVENTS_FD = '3';
/** Where a guest has the policy of a scenario, as provisioning puts it there. */
export const policyPath = (id: ScenarioId): string => `/policies/${id}`;

/** The same of its profile. */
export const profilePath = (id: ScenarioId): string => `/profiles/${id}`;

/** Everything one schedule of a lane runs with. */
export interface ScheduleSettings {
  shape: string;
  /** That of the shape where backends are compared; else undefined, and the cell's counts. */
  backend: Backend | undefined;
  /** That of the shape; undefined where the warden chooses, or the lane. */
  files: Shape['files'];
  /** The attack's words: the shape's, then the lane's. */
  args: readonly string[];
  warden: readonly string[];
  hooks: readonly string[];
  sysctl: Readonly<Record<string, string>>;
  milestones: Readonly<Record<string, Record<string, string>>>;
  capabilities: Job['capabilities'];
  blocked: Job['blocked'];
  watch: readonly Hook[];
}

/**
 * Schedule i of a lane runs shape i modulo their number. Of each of its surroundings the most specific table wins
 * whole, so that a reader finds each value in one place.
 */
export function scheduleSettings(scenario: Scenario, lane: Lane, index: number): ScheduleSettings {
  const own = scenario.lanes[lane];
  const shapes = Object.entries(shapesOf(scenario, lane));
  const chosen = shapes[index % shapes.length];
  if (!chosen) throw new Error(`${scenario.id}: lane ${lane} has no shape`);
  const [name, shape] = chosen;
  return {
    shape: name,
    backend: comparesShapes(scenario) ? shape.backend : undefined,
    files: shape.files,
    args: [...shape.args, ...own.args],
    warden: own.warden,
    hooks: own.hooks,
    sysctl: shape.sysctl ?? own.sysctl ?? scenario.sysctl,
    milestones: shape.milestones ?? own.milestones ?? scenario.milestones,
    capabilities: shape.capabilities ?? own.capabilities ?? scenario.capabilities,
    blocked: shape.blocked ?? own.blocked ?? scenario.blocked,
    watch: shape.watch ?? own.watch ?? scenario.watch,
  };
}

/** How many jobs a lane has. Those that are compared follow each other, one for each shape. */
export const jobCount = ({ scenario, schedules }: Cell, lane: Lane): number =>
  schedules[lane] * jobsPerSeed(scenario, lane);

/** Which seed of the lane a job has: jobs whose shapes are compared have the same. */
export const seedIndex = (scenario: Scenario, lane: Lane, index: number): number =>
  Math.floor(index / jobsPerSeed(scenario, lane));

/**
 * The job of one schedule; throws a UserError when it does not fit into the mailbox. `levers` are hooks that a search adds,
 * behind the scenario's own, whose events keep their numbers.
 */
export function makeJob(
  cell: Cell,
  lane: Lane,
  index: number,
  seed: string,
  attackPath: string,
  levers: readonly Hook[] = [],
): Job {
  const { scenario } = cell;
  const settings = scheduleSettings(scenario, lane, index);
  const job: Job = {
    v: 1,
    lane,
    seed,
    limitMs: scheduleLimitMs(scenario, lane, cell.trials[lane]),
    sysctl: { ...settings.sysctl },
    milestones: { ...settings.milestones },
    capabilities: [...settings.capabilities],
    blocked: [...settings.blocked],
    truth: wantsTruth(scenario),
    root: !isAboutWarden(scenario),
    leaks: index === 0,
    hooks: hooksForJob([...settings.watch, ...levers], cell.arch, seed),
    argv: [
      ...(isAboutWarden(scenario) ? wardenWords(cell, lane, settings) : []),
      ...[attackPath, ...settings.args, ...settings.hooks],
    ],
    env: [`PF_SEED=${seed}`, `PF_TRIALS=${cell.trials[lane]}`],
  };
  serializeJob(job, scenario.id);
  return job;
}

function wardenWords({ scenario, backend }: Cell, lane: Lane, settings: ScheduleSettings): string[] {
  if (scenario.learned) {
    return ['/bin/warden', 'learn', '--in-place', '--events', EVENTS_FD, ...settings.warden, '--'];
  }
  const flaw = flawIn(scenario, lane);
  return [
    ...(flaw === undefined ? ['/bin/warden', 'run'] : ['/bin/warden-flawed', 'run', '--flaw', flaw]),
    ...['--backend', settings.backend ?? backendOf(scenario, backend), ...settings.warden],
    ...(settings.files === undefined ? [] : ['--files', settings.files]),
    ...['--events', EVENTS_FD, ...ruledBy(scenario), '--'],
  ];
}

const ruledBy = ({ id, profile }: Scenario): string[] =>
  profile === undefined ? ['--policy', policyPath(id)] : ['--profile', profilePath(id)];

/** Whether the kernel's word is asked for anywhere. */
export function wantsTruth(scenario: Scenario): boolean {
  const patterns = [
    scenario.work,
    ...scenario.alive,
    ...scenario.breach,
    ...scenario.agreement,
    ...scenario.breach.flatMap((breach) => breach.unless ?? []),
  ];
  return patterns.some((pattern) => pattern.from === 'hooks');
}
