import { expect, test } from 'vitest';
import { exampleCell } from '../example-data.ts';
import { type Filter, isFiltering, NO_FILTER, searchOf } from './filter.ts';

const cells = [
  exampleCell({ id: 'argv/a@arm/4.10', scenario: 'argv/a', column: 'arm/4.10', verdict: 'held' }),
  exampleCell({
    ...{ id: 'fork/b@mips/4.10', scenario: 'fork/b', column: 'mips/4.10', verdict: 'crashed' },
    ...{ asExpected: false, reason: 'Kernel panic: not syncing' },
  }),
  exampleCell({ id: 'constructor@arm/4.10', scenario: 'constructor', column: 'arm/4.10', verdict: 'hung' }),
];
const search = searchOf({ cells, scenarios: { 'argv/a': { claim: 'What was approved RUNS.' } } });
const found = (filter: Partial<Filter>): string[] =>
  cells.filter(search({ ...NO_FILTER, ...filter })).map(({ scenario }) => scenario);

test.each([
  [{}, ['argv/a', 'fork/b', 'constructor']],
  [{ q: '  ' }, ['argv/a', 'fork/b', 'constructor']],
  [{ q: 'ARM' }, ['argv/a', 'constructor']],
  [{ q: 'approved runs' }, ['argv/a']],
  [{ q: 'panic mips' }, ['fork/b']],
  [{ q: '*@arm/*' }, ['argv/a', 'constructor']],
  [{ q: 'argv*' }, ['argv/a']],
  [{ q: 'rgv*' }, []],
  [{ verdicts: ['held', 'hung'] }, ['argv/a', 'constructor']],
  [{ unexpected: true }, ['fork/b']],
  [{ targets: ['mips/4.10'] }, ['fork/b']],
  [{ targets: ['arm/4.10'], verdicts: ['hung'], q: 'construct' }, ['constructor']],
] satisfies [Partial<Filter>, string[]][])('%j finds %j', (filter, expected) => {
  expect(found(filter)).toEqual(expected);
});

test('a filter that asks for nothing is none', () => {
  expect(isFiltering(NO_FILTER)).toBe(false);
  expect(isFiltering({ ...NO_FILTER, q: ' ' })).toBe(false);
  expect(isFiltering({ ...NO_FILTER, targets: ['x'] })).toBe(true);
});
