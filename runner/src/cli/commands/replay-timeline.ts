import type { Capsule } from '../../lib/capsule.ts';
import { UserError } from '../../lib/errors.ts';
import { replaceFile } from '../../lib/replace-file.ts';
import type { Scenario } from '../../lib/scenario.ts';
import type { Cell } from '../../lib/verdict.ts';
import { render, timelineOf, timelineText } from '../../report/index.ts';
import type { ReplayOutcome } from '../../run/replay.ts';

/** What is shown of a replay beside whether it was the same. */

/** The cell that the capsule is of, as far as one of its schedules is judged by it. */
export function cellOf(capsule: Capsule, scenarios: readonly Scenario[]): Cell {
  const scenario = scenarios.find(({ id }) => id === capsule.scenario);
  if (!scenario) {
    throw new UserError(`there is no scenario ${capsule.scenario}, which says what a breach of it is`, {
      code: 'unknown-scenario',
      hint: '--scenarios DIR names a folder of your own scenarios',
    });
  }
  const { trials } = capsule.expected;
  return {
    ...{ id: capsule.cell, scenario, arch: capsule.arch, kernel: capsule.kernel },
    ...{ backend: 'auto', mode: 'sealed', expected: 'held', schedules: scenario.schedules },
    trials: { control: trials, guarded: trials, honest: trials },
  };
}

export function timelineLines({ scenario }: Cell, { first, beside }: ReplayOutcome): string[] {
  const timeline = timelineOf(first, scenario);
  if (beside?.record) return timelineText(timeline, timelineOf(beside.record, scenario));
  const none = beside ? [`none of the ${beside.tried} seeds behind it passes, so it stands alone`] : [];
  return [...timelineText(timeline), ...none];
}

export async function writeTrace(out: string, cell: Cell, { first }: ReplayOutcome): Promise<void> {
  await replaceFile(out, render.trace(cell, first)).catch((cause: unknown) => {
    throw new UserError(`${out}: cannot be written`, { code: 'unwritable-file', cause });
  });
}
