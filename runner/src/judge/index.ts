import { repeatsText } from '../lib/certificate.ts';
import type { ScheduleRecord } from '../lib/events.ts';
import { type Flaw, worstFlaw } from '../lib/flaw.ts';
import { LANES, type Lane } from '../lib/ids.ts';
import { comparesShapes, isAboutWarden, obstacleTo } from '../lib/scenario.ts';
import { sealedSearchText } from '../lib/sealed-search.ts';
import type { Cell, CellEvidence, CellResult, LaneResult, Verdict, Weighed } from '../lib/verdict.ts';
import { examineLane, type LaneEvidence } from './lane.ts';
import { examineSchedule } from './schedule.ts';

export { breachingEvents } from './match.ts';
export { searchedCell } from './searched.ts';

/** The judge stage: what a run saw of a cell becomes its verdict. Pure; missing evidence never becomes `held`. */

type Lanes = Record<Lane, LaneEvidence>;

interface Ruling {
  verdict: Verdict;
  /** One sentence; null only for `held`. */
  reason: string | null;
}

/** 3/n bounds the probability of a breach at 95 % when none of n independent schedules breached. */
const RULE_OF_THREE = 3;

export function judgeCell(evidence: CellEvidence): CellResult {
  const { cell } = evidence;
  // Schedules end in any order; digests and sentences are to be the same whatever it was.
  const records = inPlannedOrder(evidence.records);
  const lanes: Lanes = {
    control: examineLane(cell, 'control', records),
    guarded: examineLane(cell, 'guarded', records),
    honest: examineLane(cell, 'honest', records),
  };
  const { verdict, reason } = rulingWithoutRun(evidence) ?? rulingOf(lanes, evidence);
  const results = lanes.guarded.result;
  return {
    id: cell.id,
    scenario: cell.scenario.id,
    arch: cell.arch,
    kernel: cell.kernel,
    kernelRelease: evidence.kernelRelease,
    ...(evidence.kernelSource === undefined ? {} : { kernelSource: evidence.kernelSource }),
    backend: evidence.backend,
    mode: cell.mode,
    verdict,
    reason,
    expected: cell.expected,
    asExpected: verdict === cell.expected,
    ...(cell.plan === undefined ? {} : { plan: cell.plan }),
    seconds: evidence.seconds,
    lanes: lanesThatRan(lanes),
    breachRateBelow: verdict === 'held' ? Math.min(1, RULE_OF_THREE / results.schedules) : null,
    findings: findingsOf(lanes, evidence),
    capsules: [...(evidence.capsules ?? [])],
    ...(evidence.certificates?.length ? { certificates: [...evidence.certificates] } : {}),
    ...(evidence.sealedSearch ? { sealedSearch: evidence.sealedSearch } : {}),
    console: evidence.console ?? null,
  };
}

/** One schedule by itself, with as many trials as it was asked for: a search has other numbers than the cell. */
export function weigh(cell: Cell, record: ScheduleRecord): Weighed {
  const { lane, trials } = record;
  const asked = { ...cell, trials: { ...cell.trials, [lane]: trials } };
  const { sound, flaws, breaches } = examineSchedule(asked, lane, record);
  // Where shapes are compared no schedule breaches by itself.
  const count = sound && !comparesShapes(cell.scenario) ? breaches.pids.size : 0;
  if (count > 0) return { kind: 'breached', count };
  const flaw = worstFlaw(flaws);
  return flaw ? { kind: 'flawed', flaw } : { kind: 'clean' };
}

/** Verdicts that need no event: there was nothing to boot, or the guest cannot do what the scenario needs. */
function rulingWithoutRun(evidence: CellEvidence): Ruling | undefined {
  const { cell, features, attackError, bootFailure } = evidence;
  const unavailable = cell.unavailable ?? evidence.unavailable;
  if (unavailable) {
    const { reason, hint } = unavailable;
    return { verdict: 'unavailable', reason: hint ? `${reason}; ${hint}` : reason };
  }
  if (bootFailure)
    return { verdict: bootFailure.kind, reason: `the guest did not get ready: ${bootFailure.detail}` };
  if (features === null) return { verdict: 'error', reason: 'the guest never said what its kernel can do' };
  // Before the compiler's words: an attack need not build where it cannot run.
  const obstacle = obstacleTo(cell.scenario, cell.backend, features);
  if (obstacle !== undefined) return { verdict: 'unsupported', reason: obstacle };
  if (attackError !== undefined) {
    return { verdict: 'error', reason: `the attack could not be built: ${attackError}` };
  }
  return undefined;
}

/**
 * The first row that applies decides.
 *
 * A breach of the guarded lane stands above everything else that ran: it happened in a schedule that finished, and
 * a sibling that hung, crashed or was lost cannot make it undone. The other way round nothing that is missing may
 * look harmless, so a dead kernel, a standstill and the lab's own failures come before every verdict that rests on
 * having seen no breach. Crashed stands above hung and error because a dead kernel often shows up as those elsewhere.
 * A hook that the kernel cannot have stands above all of these: its job was not run, and none of the cell's can be.
 * Overblocked stands above inconclusive: refused honest work is a fact of its own, whatever the attack could do.
 */
function rulingOf(lanes: Lanes, evidence: CellEvidence): Ruling {
  const flaws = [
    ...LANES.flatMap((lane) => lanes[lane].flaws),
    ...LANES.flatMap((lane) => lanes[lane].missing),
  ];
  const flawed = (kind: Flaw['kind']): Ruling | undefined => flawRuling(flaws, kind);
  return (
    breached(lanes.guarded.result) ??
    disagreed(lanes.honest) ??
    flawed('unsupported') ??
    flawed('crashed') ??
    flawed('hung') ??
    flawed('error') ??
    overblocked(lanes.honest) ??
    flawed('inconclusive') ??
    toothless(lanes.control, evidence) ??
    asleep(lanes.guarded, evidence) ?? { verdict: 'held', reason: null }
  );
}

function breached({ breaches, trials, breachedSchedules, schedules }: LaneResult): Ruling | undefined {
  if (breaches === 0) return undefined;
  const reason = `the guarded lane was breached ${breaches} times in ${trials} trials (${breachedSchedules} of ${schedules} schedules)`;
  return { verdict: 'breached', reason };
}

function flawRuling(flaws: readonly Flaw[], kind: Flaw['kind']): Ruling | undefined {
  const [first, ...more] = flaws.filter((flaw) => flaw.kind === kind);
  if (!first) return undefined;
  return { verdict: kind, reason: more.length > 0 ? `${first.text} (and ${more.length} more)` : first.text };
}

function overblocked({ result, obstacles }: LaneEvidence): Ruling | undefined {
  if (result.refused === 0 && obstacles.length === 0) return undefined;
  const what = `${result.refused} of ${result.trials} honest trials were not done`;
  return { verdict: 'overblocked', reason: [what, ...obstacles].join('; ') };
}

/** The claim that shapes agree is one about honest work as well. */
function disagreed({ disagreements, result }: LaneEvidence): Ruling | undefined {
  if (disagreements === 0) return undefined;
  const reason = `the shapes disagreed on honest work in ${disagreements} of ${result.trials} trials`;
  return { verdict: 'breached', reason };
}

/** A trial of hooks has as many tries as it takes: there each shape that was run has to have its own teeth. */
function toothless(control: LaneEvidence, { cell }: CellEvidence): Ruling | undefined {
  const { result, disagreements, blunt } = control;
  const { breaches, trials } = result;
  if (breaches > 0 && comparesShapes(cell.scenario) && disagreements === 0) {
    const reason = `the shapes agreed in all ${trials} control trials, so that they agree with the defence on means nothing`;
    return { verdict: 'inconclusive', reason };
  }
  if (breaches > 0 && !isAboutWarden(cell.scenario) && blunt.length > 0) {
    const reason = `the attack has no teeth here in shape ${blunt.join(', ')}: no control trial of it breached`;
    return { verdict: 'inconclusive', reason };
  }
  if (breaches > 0) return undefined;
  const reason = `the attack has no teeth here: none of ${trials} control trials breached`;
  return { verdict: 'inconclusive', reason };
}

/** A warden shows itself in any one way; of hooks each sign is a claim of its own. */
function asleep({ aliveSchedules, signs }: LaneEvidence, { cell }: CellEvidence): Ruling | undefined {
  const { scenario } = cell;
  const missing = scenario.alive.filter((_, place) => !signs.has(place));
  if (aliveSchedules > 0 && (isAboutWarden(scenario) || missing.length === 0)) return undefined;
  const named = missing.map(({ from, event }) => `${event} event of ${from}`).join(' and no ');
  const reason = `no ${named} shows that the defence was at work, so its zero means nothing`;
  return { verdict: 'inconclusive', reason };
}

function lanesThatRan(lanes: Lanes): CellResult['lanes'] {
  const ran = LANES.filter((lane) => lanes[lane].result.schedules > 0);
  return Object.fromEntries(ran.map((lane) => [lane, lanes[lane].result]));
}

function findingsOf(lanes: Lanes, evidence: CellEvidence): string[] {
  const { deterministic, notes = [], certificates = [], sealedSearch } = evidence;
  const findings = LANES.flatMap((lane) => lanes[lane].findings);
  if (deterministic === false) {
    findings.push('two forks of one seed gave different digests: schedules of this target do not replay');
  }
  if (lanes.honest.result.breaches > lanes.honest.disagreements) {
    findings.push('the honest lane matches a breach pattern: look at `breach` in scenario.yaml');
  }
  const { aliveSchedules, silentSchedules, result } = lanes.guarded;
  if (aliveSchedules > 0 && silentSchedules > 0) {
    findings.push(
      `lane guarded: the defence did not show itself in ${silentSchedules} of ${result.schedules} schedules`,
    );
  }
  if (sealedSearch) findings.push(sealedSearchText(sealedSearch));
  for (const one of certificates) {
    findings.push(`breach of seed ${one.seed}: ${repeatsText(one)}`);
    if (deterministic && one.same < one.of) findings.push(lostDeterminism(one.seed));
  }
  return [...findings, ...notes];
}

/** Where two forks of one job were the same to the bit before. */
const lostDeterminism = (seed: string): string =>
  `the engine lost determinism: not all runs of seed ${seed} were the same, though nothing differs between them; how often it breaches is no figure of the product's`;

function inPlannedOrder(records: CellEvidence['records']): CellEvidence['records'] {
  // The order of seeds and shapes is arbitrary and stable; the plan's own index is not in a record.
  const place = ({ seed, shape }: ScheduleRecord): string => `${seed} ${shape}`;
  return [...records].sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0));
}
