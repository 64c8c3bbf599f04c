import { expect, test } from 'vitest';
import type { Family } from '../model/matrix.ts';
import { firstRows } from './use-rows.ts';

const family = (name: string, rows: number): Family => ({
  name,
  rows: Array.from({ length: rows }, (_, n) => ({ scenario: `${name}/s${n}`, name: `s${n}`, slots: [] })),
});

test('the first rows are those of the first families, and a family without any is not there yet', () => {
  const families = [family('a', 3), family('b', 2), family('c', 1)];
  const shape = (most: number) => firstRows(families, most).map(({ name, rows }) => [name, rows.length]);
  expect(shape(4)).toEqual([
    ['a', 3],
    ['b', 1],
  ]);
  expect(shape(100)).toEqual([
    ['a', 3],
    ['b', 2],
    ['c', 1],
  ]);
});
