import { describe, expect, test } from 'vitest';
import { exampleCell } from '../example-data.ts';
import { cellsInOrder, matrixOf, neighboursOf } from './matrix.ts';

const cell = (scenario: string, column: string) =>
  exampleCell({ id: `${scenario}@${column}`, scenario, column, verdict: 'held' });
const cells = [
  ...[cell('fork/raw', 'mips/4.10'), cell('fork/raw', 'arm/4.10')],
  ...[cell('argv/b', 'arm/4.10'), cell('argv/a', 'mips/4.10'), cell('argv/a', 'arm/4.10')],
  cell('plain', 'arm/4.10'),
];

describe('the matrix', () => {
  test('has columns as they come and rows by family and name', () => {
    const { columns, families } = matrixOf(cells, () => true);
    expect(columns).toEqual(['mips/4.10', 'arm/4.10']);
    expect(families.map(({ name, rows }) => [name, rows.map((row) => row.name)])).toEqual([
      ['argv', ['a', 'b']],
      ['fork', ['raw']],
      ['', ['plain']],
    ]);
  });

  test('tells a square that is hidden from one that is not there', () => {
    const { columns, families } = matrixOf(cells, ({ id }) => id !== 'argv/a@mips/4.10');
    expect(columns).toEqual(['mips/4.10', 'arm/4.10']);
    expect(families[0]?.rows.map(({ slots }) => slots[0])).toEqual(['hidden', null]);
  });

  test('leaves out rows and columns in which nothing is left', () => {
    const { columns, families } = matrixOf(cells, ({ id }) => id === 'argv/b@arm/4.10');
    expect([columns, families.length, families[0]?.rows.length]).toEqual([['arm/4.10'], 1, 1]);
    expect(matrixOf([], () => true)).toEqual({ columns: [], families: [] });
  });
});

describe('the order of cells', () => {
  const order = cellsInOrder(matrixOf(cells, () => true));
  const around = (id: string) => {
    const { before, after, place } = neighboursOf(order, id);
    return [before?.id, place, after?.id];
  };

  test('is that of reading', () => {
    expect(order.map(({ id }) => id)).toEqual([
      ...['argv/a@mips/4.10', 'argv/a@arm/4.10', 'argv/b@arm/4.10'],
      ...['fork/raw@mips/4.10', 'fork/raw@arm/4.10', 'plain@arm/4.10'],
    ]);
  });

  test('ends where it ends', () => {
    expect(around('argv/a@mips/4.10')).toEqual([undefined, 1, 'argv/a@arm/4.10']);
    expect(around('plain@arm/4.10')).toEqual(['fork/raw@arm/4.10', 6, undefined]);
  });

  test('from a cell that is hidden it goes on with the first', () => {
    expect(around('gone')).toEqual([undefined, 0, 'argv/a@mips/4.10']);
  });
});
