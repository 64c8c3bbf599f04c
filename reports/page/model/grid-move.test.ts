import { expect, test } from 'vitest';
import { firstOf, type Grid, moved } from './grid-move.ts';

const drawn = (...rows: string[]): Grid => rows.map((row) => [...row].map((char) => char === '#'));
const grid = drawn('.#.##', '.....', '#...#', '.###.');

test.each([
  [[0, 1], 'ArrowRight', false, [0, 3]],
  [[0, 3], 'ArrowLeft', false, [0, 1]],
  [[0, 1], 'ArrowLeft', false, null],
  [[0, 4], 'ArrowRight', false, null],
  [[0, 1], 'ArrowDown', false, [2, 0]],
  [[0, 3], 'ArrowDown', false, [2, 4]],
  [[2, 0], 'ArrowDown', false, [3, 1]],
  [[3, 2], 'ArrowUp', false, [2, 0]],
  [[3, 2], 'ArrowDown', false, null],
  [[0, 3], 'Home', false, [0, 1]],
  [[0, 1], 'End', false, [0, 4]],
  [[2, 4], 'Home', true, [0, 1]],
  [[0, 1], 'End', true, [3, 3]],
  [[0, 1], 'x', false, null],
  [[9, 9], 'End', false, null],
] as const)('from %j, %s (ctrl %s) leads to %j', ([row, column], key, ctrl, to) => {
  expect(moved(grid, { row, column }, key, ctrl)).toEqual(to && { row: to[0], column: to[1] });
});

test('the first square may be in any row, or nowhere', () => {
  expect(firstOf(drawn('...', '..#'))).toEqual({ row: 1, column: 2 });
  expect(firstOf(drawn('...'))).toBeNull();
});
