import { describe, expect, test } from 'vitest';
import type { CellResult, Verdict } from '../../lib/verdict.ts';
import { HOSTILE, lane, result, resultsOfRun, scenarioId } from '../testing.ts';
import { trendLines } from './lines.ts';
import { trendOf } from './trend.ts';

const [one, two] = [scenarioId('argv/one'), scenarioId('argv/two')];
const [ONE, TWO] = ['argv/one@arm/debian-6.1', 'argv/two@arm/debian-6.1'];
const run = (id: string, cells: CellResult[], seed = '1') => resultsOfRun(cells, { id, seed });
const often = [9, 8, 10, 9, 8, 9, 10, 9, 7, 9];
const seldom = [1, 2, 0, 1, 1, 3, 2, 1, 0, 1];

describe('a trend', () => {
  test('has of each run how it came out', () => {
    const cells = [result({ scenario: one }), result({ scenario: two, verdict: 'breached' })];
    const { runs } = trendOf([run('a', cells, '18446744073709551615')]);
    expect(runs).toEqual([
      {
        ...{ id: 'a', startedAt: '2026-01-01T00:00:00.000Z', seconds: 41.25, seed: '18446744073709551615' },
        ...{ profile: 'default', qemu: '10.0.2', counts: { held: 1, breached: 1 }, cells: 2, asExpected: 1 },
      },
    ]);
  });

  test('has nothing where a run has not the cell or the target', () => {
    const trend = trendOf([
      run('a', [result({ scenario: one })]),
      run('b', [result({ scenario: two, arch: 'mips' })]),
      run('c', [result({ scenario: one, verdict: 'hung', lanes: {} })]),
    ]);
    expect(trend.cells).toEqual([
      { id: ONE, verdicts: ['held', null, 'hung'], control: [0.417, null, null] },
    ]);
    expect(trend.targets).toEqual([
      { target: 'arm/debian-6.1', seconds: [3.1, null, 3.1] },
      { target: 'mips/debian-6.1', seconds: [null, 3.1, null] },
    ]);
  });

  test('of cells has those alone that changed, in verdict or in how often the control lane is breached', () => {
    const cells = (counts: number[], verdict: Verdict) => [
      result({ scenario: one, lanes: { control: lane(counts) } }),
      result({ scenario: two, verdict }),
      result(),
    ];
    const trend = trendOf([run('a', cells([5], 'held')), run('b', cells([6], 'crashed'))]);
    expect(trend.cells.map(({ id, control }) => [id, control])).toEqual([
      [ONE, [0.5, 0.6]],
      [TWO, [0.417, 0.417]],
    ]);
  });

  test('adds up what the cells of a target took, however little each', () => {
    const cells = Array.from({ length: 100 }, (_, at) => result({ id: `${at}`, seconds: 0.04 }));
    expect(trendOf([run('a', cells)]).targets[0]?.seconds).toEqual([4]);
  });

  test('says what changed since the run before, not since the first', () => {
    const last = [
      result({ scenario: one, verdict: 'breached', lanes: { control: lane(often) } }),
      result({ lanes: { control: lane(seldom) } }),
      result({ arch: 'mips' }),
    ];
    const before = [
      result({ scenario: one, lanes: { control: lane(often) } }),
      result({ lanes: { control: lane(often) } }),
      result({ scenario: two }),
    ];
    const { changes } = trendOf([run('a', []), run('b', before), run('c', last)]);
    expect(changes).toMatchObject({
      before: 'b',
      flipped: [{ cell: ONE, from: 'held', to: 'breached', asExpected: false, reason: 'it is breached' }],
      moved: [{ cell: 'argv/swap@arm/debian-6.1', lane: 'control', from: 0.88, to: 0.12 }],
      ...{ gone: [TWO], added: ['argv/swap@mips/debian-6.1'] },
      test: expect.stringMatching(/^breaches in each schedule of 2 lanes, Wilcoxon-Mann-Whitney.* 5 % /),
    });
    expect(changes?.moved[0]?.p).toBeLessThan(0.001);
  });

  test('of one run has no changes, and of none nothing at all', () => {
    expect(trendOf([run('a', [result()])])).toMatchObject({ changes: null, cells: [], flaky: [] });
    expect(trendOf([])).toEqual({ runs: [], targets: [], cells: [], changes: null, flaky: [] });
  });
});

describe('its lines', () => {
  const verdicts: readonly (Verdict | null)[] = ['held', 'held', 'breached', null, 'held'];
  const runs = verdicts.map((verdict, at) =>
    run(`run-${'x'.repeat(at)}`, verdict === null ? [] : [result({ verdict })], `${at}`),
  );

  test('are one for each run, under one another, then what was not always the same', () => {
    expect(trendLines(trendOf(runs))).toEqual([
      'run-      1 of 1 as expected  41 s  seed 0, default',
      'run-x     1 of 1 as expected  41 s  seed 1, default',
      'run-xx    0 of 1 as expected  41 s  seed 2, default',
      'run-xxx   0 of 0 as expected  41 s  seed 3, default',
      'run-xxxx  1 of 1 as expected  41 s  seed 4, default',
      'argv/swap@arm/debian-6.1: held × 2, breached, –, held',
      '5 runs, 1 cells were not always the same, 0 gave two answers to one question',
    ]);
  });

  test('say which cells gave two answers, and hold nothing that a terminal obeys', () => {
    const trend = trendOf(runs);
    const rude = trend.runs.map((one) => ({ ...one, id: HOSTILE, profile: HOSTILE }));
    const cells = trend.cells.map((one) => ({ ...one, id: HOSTILE }));
    const flaky = [{ cell: HOSTILE, evidence: HOSTILE }];
    const lines = trendLines({ ...trend, runs: rude, cells, flaky });
    expect(lines).toHaveLength(5 + 1 + 1 + 1);
    expect(lines[6]).toMatch(/^flaky: \\x1b\[2J/);
    expect(lines[7]).toMatch(/, 1 gave two answers to one question$/);
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u);
  });
});
