import { expect, test } from 'vitest';
import { kernelIdSchema } from '../../lib/ids.ts';
import { cellResultSchema } from '../results-schema.ts';
import { HOSTILE } from '../testing.ts';
import { ktapCells } from './cells.ts';
import { parseKtap } from './parse.ts';

const target = { arch: 'arm', kernel: kernelIdSchema.parse('6.13') } as const;
const outcomes = (text: string): [string, string, string][] | undefined =>
  parseKtap(text)?.map(({ path, outcome, why }) => [path.join(' > '), outcome, why]);

test('results of every kind, with what stands behind them', () => {
  const text = [
    'KTAP version 1',
    '1..6',
    'ok 1 first',
    'not ok 2 - second',
    'ok 3 third # SKIP no clock',
    'not ok 4 fourth # TODO later',
    'not ok 5 fifth # TIMEOUT 45 seconds',
    'not ok 6 sixth # exit=1',
  ];
  expect(outcomes(text.join('\r\n'))).toEqual([
    ['first', 'passed', ''],
    ['second', 'failed', ''],
    ['third', 'skipped', 'no clock'],
    ['fourth', 'todo', 'later'],
    ['fifth', 'failed', '45 seconds'],
    ['sixth', 'failed', 'exit=1'],
  ]);
});

test('tests within tests, by spaces as kunit nests them and by signs as selftests do', () => {
  const text = `KTAP version 1
1..2
    KTAP version 1
    1..2
    ok 1 inner
    not ok 2 other
not ok 1 suite
# selftests: timers: posix_timers
# TAP version 13
# 1..1
# ok 1 a thing
ok 2 selftests: timers: posix_timers`;
  expect(outcomes(text)).toEqual([
    ['suite > inner', 'passed', ''],
    ['suite > other', 'failed', ''],
    ['selftests: timers: posix_timers > a thing', 'passed', ''],
  ]);
});

/** The example of Documentation/dev-tools/ktap.rst. */
const THREE_LEVELS = `KTAP version 1
1..1
  KTAP version 1
  1..3
    KTAP version 1
    1..1
    # test_1: initializing test_1
    ok 1 test_1
  ok 1 example_test_1
    KTAP version 1
    1..2
    ok 1 test_1 # SKIP test_1 skipped
    ok 2 test_2
  ok 2 example_test_2
    KTAP version 1
    1..3
    ok 1 test_1
    # test_2: FAIL
    not ok 2 test_2
    ok 3 test_3 # SKIP test_3 skipped
  not ok 3 example_test_3
not ok 1 main_test
`;

test('tests within tests within tests, by two spaces each', () => {
  const rest: [string, string, string][] = [
    ['main_test > example_test_3 > test_1', 'passed', ''],
    ['main_test > example_test_3 > test_2', 'failed', ''],
    ['main_test > example_test_3 > test_3', 'skipped', 'test_3 skipped'],
  ];
  const first: [string, string, string][] = [
    ['main_test > example_test_1 > test_1', 'passed', ''],
    ['main_test > example_test_2 > test_1', 'skipped', 'test_1 skipped'],
  ];
  expect(outcomes(THREE_LEVELS)).toEqual([
    ...first,
    ['main_test > example_test_2 > test_2', 'passed', ''],
    ...rest,
  ]);
  const lacking = THREE_LEVELS.replace('1..1\n', '').replace('    ok 2 test_2\n', '');
  expect(outcomes(lacking)).toEqual([
    ...first,
    ['main_test > example_test_2 > test 2', 'missing', '2 tests were planned'],
    ...rest,
  ]);
});

test('what is around a test need not have been announced', () => {
  expect(outcomes('    ok 1 inner\n  ok 1 middle\nok 1 outer\n ok 2 other')).toEqual([
    ['outer > middle > inner', 'passed', ''],
    ['other', 'passed', ''],
  ]);
});

test('a suite that failed although all in it passed has failed by itself', () => {
  expect(outcomes('  ok 1 inner\nnot ok 1 suite')).toEqual([
    ['suite > inner', 'passed', ''],
    ['suite', 'failed', ''],
  ]);
});

test('what was planned and never reported is missing, also where a console ends in the middle', () => {
  expect(outcomes('1..3\nok 1 a\nok 3 c')).toEqual([
    ['a', 'passed', ''],
    ['c', 'passed', ''],
    ['test 2', 'missing', '3 tests were planned'],
  ]);
  expect(outcomes('1..1\n  1..2\n  ok 1 inner')).toEqual([
    ['test 1', 'missing', '1 tests were planned'],
    ['inner', 'passed', ''],
    ['test 2', 'missing', '2 tests were planned'],
  ]);
});

test('one document behind another does not make up for what the first one planned', () => {
  const second = 'KTAP version 1\n1..2\nok 1 c\nok 2 d';
  const first = 'KTAP version 1\n1..3\nok 1 a\nok 2 b';
  const both: [string, string, string][] = [
    ...(['a', 'b'] as const).map((name): [string, string, string] => [name, 'passed', '']),
    ['test 3', 'missing', '3 tests were planned'],
    ...(['c', 'd'] as const).map((name): [string, string, string] => [name, 'passed', '']),
  ];
  expect(outcomes(`${first}\n${second}`)).toEqual(both);
  expect(outcomes(`${first}\n1..2\nok 1 c\nok 2 d`)).toEqual(both);
  expect(outcomes('KTAP version 1\nok 1 a\nok 2 b\n1..3\nKTAP version 1\nok 1 c\nok 2 d\n1..2')).toEqual(
    both,
  );
  expect(outcomes(`KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  ok 1 in\nok 1 a\n${second}`)).toEqual([
    ['a > in', 'passed', ''],
    ['c', 'passed', ''],
    ['d', 'passed', ''],
  ]);
});

test('a console has times before its lines and other words between them', () => {
  const text =
    '[    0.1] Booting\n[    1.234567] ok 1 a\n[    2.0][   T12] not ok 2 b\nokay then\nit is ok 5\n';
  expect(outcomes(text)).toEqual([
    ['a', 'passed', ''],
    ['b', 'failed', ''],
  ]);
});

test('text without a result is none, whatever its plan promises', () => {
  expect(outcomes('')).toBeUndefined();
  expect(outcomes('1..5\nKTAP version 1\nBail out')).toBeUndefined();
});

test('a plan of a guest cannot fill the memory, nor depth the stack', () => {
  expect(outcomes('1..999999999\nok 1 a')?.length).toBe(10_000);
  expect(outcomes(`ok 1 a\n${'1..999999999\n'.repeat(100)}`)?.length).toBe(10_001);
  expect(outcomes(`ok 1 a\n${'  '.repeat(5000)}ok 1 deep`)).toEqual([['a', 'passed', '']]);
});

test('each is a cell of its own whose name says which, in the words of results.json', () => {
  const tests = parseKtap(`1..4\nok 1 A: b/c\nnot ok 2 A b c\nok 3 ${HOSTILE.replace(/[\r\n#]/g, '')}`) ?? [];
  const { cells, scenarios } = ktapCells(tests, target);
  expect(cells.map(({ id, verdict, asExpected }) => [id, verdict, asExpected])).toEqual([
    ['ktap/a-b-c@arm/6.13', 'held', true],
    ['ktap/a-b-c-n2@arm/6.13', 'breached', false],
    [expect.stringMatching(/^ktap\/[a-z0-9-]+@arm\/6\.13$/), 'held', true],
    ['ktap/test-4@arm/6.13', 'error', false],
  ]);
  for (const cell of cells) expect(cellResultSchema.safeParse(cell).success).toBe(true);
  expect(scenarios['ktap/a-b-c']).toEqual({ claim: 'A: b/c passes.' });
  expect(cells[0]?.reason).toMatch(/nothing shows that it can fail/);
  expect(cells[0]?.breachRateBelow).toBeNull();
});
