import path from 'node:path';
import type { Scenario } from '../lib/scenario.ts';
import type { Cell, Shard } from '../lib/verdict.ts';
import { planHash } from './cell-hash.ts';
import { type KnownKernel, type PlanRequest, planCells, shardOf } from './cells.ts';
import { loadMatrixFile } from './matrix-file.ts';
import { loadScenarios } from './scenarios.ts';

/** The plan stage: YAML and flags become cells. It reads files and starts nothing. */

export { isPlannedAlike } from './cell-hash.ts';
export type { KnownKernel, PlanRequest } from './cells.ts';
export { parseCount, parseList, parseSeed, parseShard, parseTime } from './flags.ts';
export {
  jobCount,
  makeJob,
  type ScheduleSettings,
  scheduleSettings,
  seedIndex,
  wantsTruth,
} from './make-job.ts';
export { nearestNames, oneOf, selectNames, unknownName } from './names.ts';
export { loadScenarios } from './scenarios.ts';
export { scheduleSeed } from './seed.ts';
export { withSeed } from './with-seed.ts';

export interface PlanPlaces {
  /** The project's own scenarios, with matrix.yaml in it. */
  scenariosDir: string;
  /** The user's folders, `--scenarios`. */
  ownDirs: readonly string[];
}

export interface Plan {
  cells: Cell[];
  /** All scenarios there are, chosen or not: guests hold every attack, so that the choice does not change them. */
  scenarios: Scenario[];
  /** Which part of all cells these are; left out for all of them. */
  shard?: Shard;
}

export async function plan(
  request: PlanRequest,
  places: PlanPlaces,
  kernels: readonly KnownKernel[],
): Promise<Plan> {
  const builtIn = await loadScenarios([places.scenariosDir]);
  const scenarios = await loadScenarios([places.scenariosDir, ...places.ownDirs]);
  const ours = new Set<string>(builtIn.map(({ id }) => id));
  const ownScenarios = new Set<string>(scenarios.map(({ id }) => id).filter((id) => !ours.has(id)));
  // matrix.yaml speaks of the project's own scenarios only.
  const known = { kernels: kernels.map(({ id }) => id), scenarios: [...ours] };
  const matrix = await loadMatrixFile(path.join(places.scenariosDir, 'matrix.yaml'), known);
  const cells = planCells(request, { scenarios, ownScenarios, matrix, kernels });
  const { shard } = request;
  if (!shard) return { cells, scenarios };
  const whole = { plan: planHash(cells), cells: cells.length };
  return { cells: shardOf(cells, shard), scenarios, shard: { ...shard, ...whole } };
}
