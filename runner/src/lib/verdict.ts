import type { Arch, Backend, KernelId, Lane, Mode, ScenarioId } from './ids.ts';
import type { PerLane, Scenario } from './scenario.ts';

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
}

export interface LaneResult {
  schedules: number;
  trials: number;
  /** Trials in which the line was crossed; for the honest lane see `refused`. */
  breaches: number;
  /** Schedules with at least one breach. */
  breachedSchedules: number;
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
  backend: string | null;
  mode: Mode;
  verdict: Verdict;
  /** Why, in one sentence; null only for a plain `held`. */
  reason: string | null;
  expected: Verdict;
  asExpected: boolean;
  seconds: number;
  lanes: Partial<Record<Lane, LaneResult>>;
  /** 3 / guarded schedules when none breached (95 %), else null. */
  breachRateBelow: number | null;
  /** Disagreements between the victim's word and the kernel's, and other things worth a look. */
  findings: string[];
  capsules: string[];
}
