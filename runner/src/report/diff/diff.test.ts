import { expect, test } from 'vitest';
import type { CellResult } from '../../lib/verdict.ts';
import { resultsOf } from '../results.ts';
import { lane, outcome, result, scenarioId, sha } from '../testing.ts';
import { diffRuns } from './diff.ts';
import { diffLines } from './lines.ts';

const often = [9, 8, 10, 9, 8, 9, 10, 9, 7, 9];
const seldom = [1, 2, 0, 1, 1, 3, 2, 1, 0, 1];
const digest = sha('1');

const run = (cells: CellResult[]) => resultsOf(outcome(cells));
const diffOf = (before: CellResult[], after: CellResult[]) => diffRuns(run(before), run(after));
const one = scenarioId('argv/one');
const two = scenarioId('argv/two');

test('tells flips, what only one run has, and what is the same', () => {
  const diff = diffOf(
    [result({ scenario: one }), result({ scenario: two }), result()],
    [result({ scenario: one, verdict: 'breached' }), result({ scenario: two }), result({ arch: 'mipsel' })],
  );
  expect(diff.flipped.map(({ before, after }) => [after.id, before.verdict, after.verdict])).toEqual([
    ['argv/one@arm/debian-6.1', 'held', 'breached'],
  ]);
  expect(diff.gone.map(({ id }) => id)).toEqual(['argv/swap@arm/debian-6.1']);
  expect(diff.added.map(({ id }) => id)).toEqual(['argv/swap@mipsel/debian-6.1']);
  expect(diff.targets).toEqual([{ target: 'arm/debian-6.1', seconds: { before: 6.2, after: 6.2 } }]);
});

test('a rate that moved more than chance explains is told, and one that did not is not', () => {
  const cells = (counts: number[]) => [
    result({ scenario: one, lanes: { control: lane(counts) } }),
    result({ scenario: two, lanes: { control: lane(often) } }),
  ];
  const { moved, compared } = diffOf(cells(often), cells(seldom));
  expect(compared).toBe(2);
  expect(moved).toMatchObject([{ cell: 'argv/one@arm/debian-6.1', lane: 'control' }]);
  expect(moved[0]?.p).toBeLessThan(0.001);
  expect(diffOf(cells(often), cells([...often].reverse())).moved).toEqual([]);
  // Too few schedules to tell anything by, however far apart.
  expect(diffOf(cells([10, 10]), cells([0, 0])).moved).toEqual([]);
});

test('schedules of other numbers of trials are not compared, and lanes that are the same to the bit are counted', () => {
  const before = [result({ lanes: { control: lane(often, 10, digest), honest: lane([0], 5) } })];
  const after = [result({ lanes: { control: lane(often, 10, digest), honest: lane([0], 50) } })];
  expect(diffOf(before, after)).toMatchObject({ comparable: 2, compared: 1, same: 1 });
});

test('a person reads what nobody expects first, and by which test', () => {
  const before = [
    result({ scenario: one, kernelSource: 'package 6.1.170-1' }),
    result({ scenario: two, verdict: 'breached' }),
    result({ lanes: { control: lane(often) } }),
  ];
  const after = [
    result({ scenario: two }),
    result({ scenario: one, verdict: 'breached', kernelSource: 'package 6.1.176-1' }),
    result({ lanes: { control: lane(seldom) } }),
  ];
  expect(diffLines(diffOf(before, after), false)).toEqual([
    'from 20260101T000000Z-abcdef (seed 1, QEMU 10.0.2)',
    'to   20260101T000000Z-abcdef (seed 1, QEMU 10.0.2)',
    '',
    '✘ breached* argv/one@arm/debian-6.1 was held',
    '  it is breached',
    '✔ held argv/two@arm/debian-6.1 was breached',
    expect.stringMatching(
      /^~ argv\/swap@arm\/debian-6.1, lane control: breached in 88 % \(88 of 100\) of its trials, now 12 % \(12 of 100\), p /,
    ),
    'arm/debian-6.1: another kernel: was package 6.1.170-1, is package 6.1.176-1',
    '2 of 3 verdicts changed, 1 breach rates moved',
    'rates: breaches in each schedule of 5 lanes, Wilcoxon-Mann-Whitney, at most 5 % of those told by chance (Benjamini-Hochberg); 0 lanes are the same to the bit',
    'time:  arm/debian-6.1 9 s to 9 s, × 1.00',
  ]);
});
