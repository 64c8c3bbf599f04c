import { kernelIdSchema, scenarioIdSchema } from '../lib/ids.ts';
import type { CellResult, RunOutcome } from '../lib/verdict.ts';

/** Finished runs for tests. */

export function result(changes: Partial<CellResult> = {}): CellResult {
  const verdict = changes.verdict ?? 'held';
  const expected = changes.expected ?? 'held';
  const scenario = changes.scenario ?? scenarioIdSchema.parse('argv/swap');
  const arch = changes.arch ?? 'arm';
  const kernel = changes.kernel ?? kernelIdSchema.parse('debian-6.1');
  const lane = {
    schedules: 6,
    trials: 60,
    breaches: 0,
    breachedSchedules: 0,
    breachCounts: [0, 0, 0, 0, 0, 0],
    refused: 0,
    digest: null,
  };
  return {
    ...{ id: `${scenario}@${arch}/${kernel}`, scenario, arch, kernel },
    ...{ kernelRelease: '6.1.0-50-armmp', backend: 'notify', mode: 'sealed', seconds: 3.1 },
    ...{ verdict, expected, asExpected: verdict === expected },
    reason: verdict === 'held' ? null : `it is ${verdict}`,
    lanes: {
      control: { ...lane, breaches: 25, breachedSchedules: 4, breachCounts: [9, 8, 7, 1, 0, 0] },
      guarded: lane,
    },
    breachRateBelow: verdict === 'held' ? 0.5 : null,
    ...{ findings: [], capsules: [], console: 'consoles/swap.log' },
    ...changes,
  };
}

export function outcome(cells: CellResult[], seed = '1'): RunOutcome {
  return {
    run: {
      ...{ id: '20260101T000000Z-abcdef', startedAt: '2026-01-01T00:00:00.000Z', seconds: 41.25 },
      ...{ command: 'photofinish matrix', seed, profile: 'default', host: { qemu: '10.0.2', cores: 2 } },
    },
    cells,
  };
}

export const scenarioId = (text: string) => scenarioIdSchema.parse(text);

/** What a guest might say to whoever reads a terminal or an XML file. */
export const HOSTILE = '\u001b[2J\u0000\u0007]]>&<"\'\u009b31m\u202e\u{10ffff}\ud800\ufffe\u200b\r\nend';
