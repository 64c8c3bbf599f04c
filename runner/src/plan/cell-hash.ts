import { createHash } from 'node:crypto';
import type { Cell, CellResult } from '../lib/verdict.ts';

/**
 * Of all that is planned of a cell: two that are equal are run and judged alike, if their guests boot with the same. Folders are
 * left out, since a plan may be read anywhere. Keys stay in their order: that of shapes says which schedule has which.
 */
export function cellHash({ plan: _, unavailable: __, scenario, ...cell }: Cell): string {
  const { dir: ___, attack, ...said } = scenario;
  return hashOf({ ...cell, scenario: { ...said, attack: { id: attack.id, file: attack.file } } });
}

/** Of a whole plan, whatever part of it is run. */
export const planHash = (cells: readonly Cell[]): string => hashOf(cells.map(({ id, plan }) => [id, plan]));

const hashOf = (value: unknown): string =>
  `sha256:${createHash('sha256').update(JSON.stringify(value)).digest('hex')}`;

type Planned = Pick<Cell | CellResult, 'plan'>;

/** What does not say how it was planned may have been planned in any way. */
export const isPlannedAlike = (was: Planned | undefined, is: Planned): boolean =>
  was?.plan !== undefined && was.plan === is.plan;
