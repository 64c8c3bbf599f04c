import { kernelIdSchema, scenarioIdSchema } from '../lib/ids.ts';
import type { CellResult, LaneResult, RunInfo, RunOutcome } from '../lib/verdict.ts';
import { resultsOf } from './results.ts';
import type { Results } from './results-schema.ts';

/** Finished runs for tests. */

export function result(changes: Partial<CellResult> = {}): CellResult {
  const verdict = changes.verdict ?? 'held';
  const expected = changes.expected ?? 'held';
  const scenario = changes.scenario ?? scenarioIdSchema.parse('argv/swap');
  const arch = changes.arch ?? 'arm';
  const kernel = changes.kernel ?? kernelIdSchema.parse('debian-6.1');
  return {
    ...{ id: `${scenario}@${arch}/${kernel}`, scenario, arch, kernel },
    ...{ kernelRelease: '6.1.0-50-armmp', backend: 'notify', mode: 'sealed', seconds: 3.1 },
    ...{ verdict, expected, asExpected: verdict === expected },
    reason: verdict === 'held' ? null : `it is ${verdict}`,
    lanes: {
      control: lane([9, 8, 7, 1, 0, 0]),
      guarded: lane([0, 0, 0, 0, 0, 0]),
    },
    breachRateBelow: verdict === 'held' ? 0.5 : null,
    ...{ findings: [], capsules: [], console: 'consoles/swap.log' },
    ...changes,
  };
}

/** Of schedules that were breached so often. */
export const lane = (breachCounts: number[], trials = 10, digest: string | null = null): LaneResult => ({
  ...{ schedules: breachCounts.length, trials: breachCounts.length * trials, refused: 0, digest },
  breaches: breachCounts.reduce((sum, count) => sum + count, 0),
  breachedSchedules: breachCounts.filter((count) => count > 0).length,
  breachCounts,
});

/** As a digest looks. */
export const sha = (digit: string): string => `sha256:${digit.repeat(64)}`;

export function outcome(cells: CellResult[], seed = '1'): RunOutcome {
  return {
    run: {
      ...{ id: '20260101T000000Z-abcdef', startedAt: '2026-01-01T00:00:00.000Z', seconds: 41.25 },
      ...{
        command: 'photofinish matrix',
        seed,
        profile: 'default',
        rerun: ['--seed', seed],
        host: { qemu: '10.0.2', cores: 2 },
      },
    },
    cells,
    scenarios: Object.fromEntries(cells.map(({ scenario }) => [scenario, { claim: `${scenario} is held.` }])),
    targets: {},
  };
}

/** As another program reads it. */
export const resultsOfRun = (
  cells: CellResult[],
  run: Partial<RunInfo> = {},
  rest: Partial<RunOutcome> = {},
): Results => {
  const whole = outcome(cells, run.seed);
  return resultsOf({ ...whole, ...rest, run: { ...whole.run, ...run } });
};

export const scenarioId = (text: string) => scenarioIdSchema.parse(text);

/** What a guest might say to whoever reads a terminal or an XML file. */
export const HOSTILE = '\u001b[2J\u0000\u0007]]>&<"\'\u009b31m\u202e\u{10ffff}\ud800\ufffe\u200b\r\nend';
