import type { PageCell } from '../../../runner/src/report/page/page-data.ts';

/** A square: a cell, one that the filter hides, or none. */
export type Slot = PageCell | 'hidden' | null;

export interface Row {
  scenario: string;
  /** Without its family. */
  name: string;
  /** By column. */
  slots: readonly Slot[];
}

export interface Family {
  name: string;
  rows: readonly Row[];
}

export interface Matrix {
  columns: readonly string[];
  families: readonly Family[];
}

export const isCell = (slot: Slot | undefined): slot is PageCell => typeof slot === 'object' && slot !== null;

/** Rows and columns in which nothing is shown are left out. */
export function matrixOf(cells: readonly PageCell[], isShown: (cell: PageCell) => boolean): Matrix {
  const shown = new Set(cells.filter(isShown));
  const shownColumns = new Set([...shown].map(({ column }) => column));
  const columns = [...new Set(cells.map(({ column }) => column))].filter((one) => shownColumns.has(one));
  const byScenario = new Map<string, Map<string, PageCell>>();
  for (const cell of cells) {
    const row = byScenario.get(cell.scenario) ?? new Map<string, PageCell>();
    if (!row.has(cell.column)) row.set(cell.column, cell);
    byScenario.set(cell.scenario, row);
  }
  const scenarios = [...new Set([...shown].map(({ scenario }) => scenario))].sort();
  const rows = scenarios.map((scenario): Row => {
    const row = byScenario.get(scenario);
    const slotOf = (column: string): Slot => {
      const cell = row?.get(column);
      if (!cell) return null;
      return shown.has(cell) ? cell : 'hidden';
    };
    return { scenario, name: namesOf(scenario).name, slots: columns.map(slotOf) };
  });
  return { columns, families: familiesOf(rows) };
}

function familiesOf(rows: readonly Row[]): Family[] {
  const families = new Map<string, Row[]>();
  for (const row of rows) {
    const { family } = namesOf(row.scenario);
    const members = families.get(family) ?? [];
    members.push(row);
    families.set(family, members);
  }
  return [...families].map(([name, members]) => ({ name, rows: members }));
}

function namesOf(scenario: string): { family: string; name: string } {
  const slash = scenario.indexOf('/');
  if (slash < 0) return { family: '', name: scenario };
  return { family: scenario.slice(0, slash), name: scenario.slice(slash + 1) };
}

export const rowsOf = ({ families }: Matrix): readonly Row[] => families.flatMap(({ rows }) => rows);

/** As one reads: row by row. */
export const cellsInOrder = (matrix: Matrix): PageCell[] =>
  rowsOf(matrix).flatMap(({ slots }) => slots.filter(isCell));

export interface Neighbours {
  before: PageCell | undefined;
  after: PageCell | undefined;
  /** From 1; 0 where the cell is not among them. */
  place: number;
}

export function neighboursOf(order: readonly PageCell[], id: string): Neighbours {
  const index = order.findIndex((cell) => cell.id === id);
  if (index < 0) return { before: undefined, after: order[0], place: 0 };
  return { before: order[index - 1], after: order[index + 1], place: index + 1 };
}
