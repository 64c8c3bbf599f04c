import type { CellResult, RunOutcome } from '../../lib/verdict.ts';
import { byTarget, detailLines, type FormatOptions, messageOf, type Outcome, outcomeOf } from './outcome.ts';

/**
 * ctrf.json: the Common Test Report Format, version 0.0.0 of its schema. A test for each cell, whose suite is its target
 * and its family of scenarios. Times in milliseconds; `start` and `stop` since 1970.
 */
export function ctrfText({ run, cells }: RunOutcome, options: FormatOptions): string {
  const start = Date.parse(run.startedAt);
  const count = (wanted: Status): number => cells.filter((cell) => statusOf(cell, options) === wanted).length;
  const report = {
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    runId: run.id,
    generatedBy: 'photofinish',
    results: {
      tool: { name: 'photofinish' },
      summary: {
        tests: cells.length,
        ...{ passed: count('passed'), failed: count('failed'), skipped: count('skipped') },
        ...{ pending: 0, other: 0, suites: byTarget(cells).length },
        ...{ start, stop: start + Math.round(run.seconds * 1000) },
      },
      tests: cells.map((cell) => test(cell, options)),
      environment: {
        testEnvironment: `qemu ${run.host.qemu}`,
        extra: { seed: run.seed, profile: run.profile, command: run.command, cores: run.host.cores },
      },
    },
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

type Status = 'passed' | 'failed' | 'skipped';

const STATUSES: Record<Outcome, Status> = {
  ...{ passed: 'passed', skipped: 'skipped', failure: 'failed', error: 'failed' },
};

const statusOf = (cell: CellResult, options: FormatOptions): Status => STATUSES[outcomeOf(cell, options)];

function test(cell: CellResult, options: FormatOptions) {
  const [family = ''] = cell.scenario.split('/');
  const status = statusOf(cell, options);
  return {
    name: cell.id,
    status,
    rawStatus: cell.verdict,
    duration: Math.round(cell.seconds * 1000),
    suite: [`${cell.arch}/${cell.kernel}`, family],
    type: 'security',
    ...(status === 'passed' ? {} : { message: messageOf(cell) }),
    ...(status === 'failed' ? { trace: detailLines(cell, options).join('\n') } : {}),
    ...(cell.findings.length > 0 ? { stdout: [...cell.findings] } : {}),
    extra: {
      ...{ expected: cell.expected, mode: cell.mode, backend: cell.backend },
      ...{ kernelRelease: cell.kernelRelease, breachRateBelow: cell.breachRateBelow },
    },
  };
}
