import { LANES, type Lane } from '../../lib/ids.ts';
import type { LaneResult } from '../../lib/verdict.ts';
import type { Results } from '../results-schema.ts';
import { believed, rankTest } from './ranks.ts';

/** What changed between two runs. */

type Cell = Results['cells'][number];

/** Of the moves that are told, at most this share is expected to be chance. */
export const FALSE_SHARE = 0.05;

export interface RunDiff {
  before: Results['run'];
  after: Results['run'];
  /** How many cells both have. */
  pairs: number;
  /** Cells whose verdict is another one. */
  flipped: { before: Cell; after: Cell }[];
  /** Cells of one run only. */
  gone: Cell[];
  added: Cell[];
  /** Lanes that are breached more often, or less, than chance explains. */
  moved: Move[];
  /** How many lanes of how many could be compared: those that ran with as many trials in each schedule. */
  compared: number;
  comparable: number;
  /** Lanes that are the same to the bit. */
  same: number;
  targets: TargetDiff[];
}

export interface Move {
  cell: string;
  lane: Lane;
  before: Pick<LaneResult, 'breaches' | 'trials'>;
  after: Pick<LaneResult, 'breaches' | 'trials'>;
  /** Of the rank test on breaches in each schedule. */
  p: number;
}

/** Of the cells that both runs have; seconds are sums of theirs. */
export interface TargetDiff {
  target: string;
  seconds: { before: number; after: number };
  /** Where its kernel came from, if that is not the same. */
  kernelSource?: { before: string; after: string };
}

export function diffRuns(before: Results, after: Results): RunDiff {
  const known = new Map(before.cells.map((cell) => [cell.id, cell]));
  const left = new Set(after.cells.map(({ id }) => id));
  const pairs = after.cells.flatMap((cell) => {
    const old = known.get(cell.id);
    return old ? [{ before: old, after: cell }] : [];
  });
  const lanes = pairs.flatMap((pair) => lanesOf(pair));
  const comparable = lanes.filter(({ before, after }) => perSchedule(before) === perSchedule(after));
  const tested = comparable.map((lane) => ({
    ...lane,
    p: rankTest(lane.before.breachCounts, lane.after.breachCounts),
  }));
  const belief = believed(
    tested.map(({ p }) => p),
    FALSE_SHARE,
  );
  return {
    before: before.run,
    after: after.run,
    pairs: pairs.length,
    flipped: pairs.filter((pair) => pair.before.verdict !== pair.after.verdict),
    gone: before.cells.filter(({ id }) => !left.has(id)),
    added: after.cells.filter(({ id }) => !known.has(id)),
    moved: tested.filter((_, at) => belief[at]),
    ...{ compared: comparable.length, comparable: lanes.length },
    same: lanes.filter(({ before, after }) => before.digest !== null && before.digest === after.digest)
      .length,
    targets: targetsOf(pairs),
  };
}

interface LanePair {
  cell: string;
  lane: Lane;
  before: LaneResult;
  after: LaneResult;
}

function lanesOf({ before, after }: { before: Cell; after: Cell }): LanePair[] {
  return LANES.flatMap((lane) => {
    const [old, own] = [before.lanes[lane], after.lanes[lane]];
    return old && own ? [{ cell: after.id, lane, before: old, after: own }] : [];
  });
}

/** Trials of one schedule, which decide how often it can be breached. */
const perSchedule = ({ trials, schedules }: LaneResult): number => (schedules === 0 ? 0 : trials / schedules);

function targetsOf(pairs: readonly { before: Cell; after: Cell }[]): TargetDiff[] {
  const targets = new Map<string, TargetDiff>();
  for (const { before, after } of pairs) {
    const target = `${after.arch}/${after.kernel}`;
    const diff = targets.get(target) ?? { target, seconds: { before: 0, after: 0 } };
    diff.seconds.before += before.seconds;
    diff.seconds.after += after.seconds;
    const [was, is] = [before.kernelSource, after.kernelSource];
    if (was !== undefined && is !== undefined && was !== is) diff.kernelSource = { before: was, after: is };
    targets.set(target, diff);
  }
  return [...targets.values()];
}
