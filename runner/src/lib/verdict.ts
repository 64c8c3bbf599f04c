import type { Certificate } from './certificate.ts';
import type { ScheduleEnd, ScheduleRecord } from './events.ts';
import type { Flaw } from './flaw.ts';
import type { Arch, Backend, KernelId, Lane, Mode, ScenarioId } from './ids.ts';
import type { PerLane, Scenario } from './scenario.ts';
import type { SealedSearch } from './sealed-search.ts';

/** The nine verdicts of the design, in the order in which summaries list them. */
export const VERDICTS = [
  'held',
  'breached',
  'overblocked',
  'inconclusive',
  'unsupported',
  'unavailable',
  'crashed',
  'hung',
  'error',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** How verdicts look, on a terminal and on a page. The word is always there: symbol and colour only help the eye. */
export const SYMBOLS: Readonly<Record<Verdict, string>> = {
  held: '✔',
  breached: '✘',
  overblocked: '▲',
  inconclusive: '?',
  unsupported: '–',
  unavailable: '○',
  crashed: '†',
  hung: '∞',
  error: '!',
};

/** One square of the matrix, as planned. */
export interface Cell {
  id: string;
  scenario: Scenario;
  arch: Arch;
  kernel: KernelId;
  backend: Backend;
  mode: Mode;
  schedules: PerLane;
  trials: PerLane;
  expected: Verdict;
  /** Hash of what is said above; left out of a cell that is of no plan, such as a capsule's. */
  plan?: string;
  /** The pair of arch and kernel is nowhere in the catalogue, and somebody asked for it: there is nothing to run. */
  unavailable?: Unavailable;
}

export interface Unavailable {
  reason: string;
  /** What to do about it; one line. */
  hint?: string;
}

/** All that a run knows about a cell once it is over; judge turns it into a CellResult. */
export interface CellEvidence {
  cell: Cell;
  /** Every schedule that was started, in any order. Fewer than planned is an error, never a pass. */
  records: readonly ScheduleRecord[];
  /** Features of the target's `ready` event; null when the guest never said READY. */
  features: Readonly<Record<string, number>> | null;
  kernelRelease: string | null;
  /** Where the kernel came from; left out when none was booted. */
  kernelSource?: string;
  /** What the warden really used, of its `started` event; null when it did not come that far. */
  backend: string | null;
  /** Wall seconds spent on the cell. */
  seconds: number;
  /** The compiler's words, when the attack could not be built for this target. */
  attackError?: string;
  /** The target could not be provisioned. */
  unavailable?: Unavailable;
  /** The guest ended before any schedule could be started. */
  bootFailure?: Exclude<ScheduleEnd, { kind: 'finished' }>;
  /** Two forks of one seed gave the same digest; null where that was not checked. */
  deterministic: boolean | null;
  /** What the run wants a reader to know, such as a fallback that was taken; they become findings. */
  notes?: readonly string[];
  /** The console log, relative to the run's folder. */
  console?: string;
  /** What its breaches can be had again from, relative to the run's folder. */
  capsules?: readonly string[];
  /** How surely breaches of the guarded lane come back. */
  certificates?: readonly Certificate[];
  /** Of a live cell whose guarded lane was breached. */
  sealedSearch?: SealedSearch | undefined;
}

/** No kernel could be had, so that no attack was raced, and nothing is known that was not before. */
export const racedNothing = (cells: readonly Pick<CellResult, 'verdict' | 'asExpected'>[]): boolean =>
  cells.length > 0 && cells.every(({ verdict, asExpected }) => verdict === 'unavailable' && !asExpected);

export type Judge = (evidence: CellEvidence) => CellResult;
/** What one schedule is by itself: a breach, however often it crossed the line, or none; or no evidence, and why. */
export type Weighed =
  | { kind: 'breached'; count: number }
  | { kind: 'clean' }
  | { kind: 'flawed'; flaw: Flaw };
export type Weigh = (cell: Cell, record: ScheduleRecord) => Weighed;

/** The texts of files that show a schedule. */
export interface Render {
  /** For a trace viewer. */
  trace: (cell: Cell, record: ScheduleRecord) => string;
  /** For a page: what happened around the breach, beside a schedule that passed, where there is one. */
  timeline: (cell: Cell, record: ScheduleRecord, passed?: ScheduleRecord) => string;
}

/** Of results.json and of journals: raised when what is in them changes. */
export const RESULTS_SCHEMA = 3;

export interface LaneResult {
  /** Those whose evidence counts: the right job, prepared as asked, run to its end. Those that are compared count as one. */
  schedules: number;
  trials: number;
  /** Trials in which the line was crossed; for the honest lane see `refused`. */
  breaches: number;
  /** Schedules with at least one breach. */
  breachedSchedules: number;
  /** Breaches of each schedule, in the order of their seeds. */
  breachCounts: number[];
  /** Honest trials that were refused or broken; 0 in the other lanes. */
  refused: number;
  /** SHA-256 over the schedules' digests in order; null in live mode. */
  digest: string | null;
}

/** One square of the matrix, as judged; the shape of a cell in results.json. */
export interface CellResult {
  id: string;
  scenario: ScenarioId;
  arch: Arch;
  kernel: KernelId;
  kernelRelease: string | null;
  /** `package 6.1.170-1`, `release 6.13`, `local tree 6.13.7 (sha256:…)`; left out when there was no kernel to boot. */
  kernelSource?: string;
  backend: string | null;
  mode: Mode;
  verdict: Verdict;
  /** Why, in one sentence; null only for a plain `held`. */
  reason: string | null;
  expected: Verdict;
  asExpected: boolean;
  /** The cell's own, as it was planned; left out where that is not known, or there was no plan. */
  plan?: string;
  seconds: number;
  lanes: Partial<Record<Lane, LaneResult>>;
  /** For `held` only: 3 / guarded schedules, at 95 %; at most 1. Else null: no breach without evidence bounds nothing. */
  breachRateBelow: number | null;
  /** Disagreements between the victim's word and the kernel's, and other things worth a look. */
  findings: string[];
  capsules: string[];
  /** Of breaches of the guarded lane, in the order of their seeds; left out when there was none. */
  certificates?: Certificate[];
  /** Whether a sealed guest has the breach of this live one as well; left out unless there was one. */
  sealedSearch?: SealedSearch;
  /** The console log, relative to the run's folder; null when nothing was booted. */
  console: string | null;
}

/** One of several parts of a plan. What the whole is, plans say; older results do not. */
export interface Shard {
  /** From 1 to `count`. */
  index: number;
  count: number;
  /** Hash of the whole. */
  plan?: string;
  /** How many cells the whole has. */
  cells?: number;
}

/** The `run` object of results.json. */
export interface RunInfo {
  id: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  seconds: number;
  /** What was typed. */
  command: string;
  /** 64 bits, decimal. results.json has it as a number where a double holds it exactly. */
  seed: string;
  profile: string;
  /** Flags, as typed, that a cell of it is run again with; its scenario, arch and kernel come before them. */
  rerun: readonly string[];
  /** Which part of a plan it is; left out for all of it. */
  shard?: Shard;
  host: { qemu: string; cores: number };
}

export interface RunOutcome {
  run: RunInfo;
  cells: CellResult[];
  /** What each scenario claims, by id. */
  scenarios: Readonly<Record<string, { claim: string }>>;
  /** Of each target that was booted the hash of all that it booted with, and QEMU's version. */
  targets: Readonly<Record<string, { inputs: string }>>;
}
