/** Where the keys lead in a grid that has holes. */

export interface Place {
  row: number;
  column: number;
}

export type Grid = readonly (readonly boolean[])[];

/** Null where the key is none of the grid's, or nothing lies that way. */
export function moved(grid: Grid, from: Place, key: string, ctrl: boolean): Place | null {
  const { row, column } = from;
  switch (key) {
    case 'ArrowRight':
      return along(grid, row, column + 1, 1);
    case 'ArrowLeft':
      return along(grid, row, column - 1, -1);
    case 'ArrowDown':
      return across(grid, row, column, 1);
    case 'ArrowUp':
      return across(grid, row, column, -1);
    case 'Home':
      return ctrl ? firstOf(grid) : along(grid, row, 0, 1);
    case 'End':
      return ctrl ? lastOf(grid) : along(grid, row, widthOf(grid, row) - 1, -1);
    default:
      return null;
  }
}

export function firstOf(grid: Grid): Place | null {
  for (let row = 0; row < grid.length; row++) {
    const found = along(grid, row, 0, 1);
    if (found) return found;
  }
  return null;
}

function lastOf(grid: Grid): Place | null {
  for (let row = grid.length - 1; row >= 0; row--) {
    const found = along(grid, row, widthOf(grid, row) - 1, -1);
    if (found) return found;
  }
  return null;
}

const widthOf = (grid: Grid, row: number): number => grid[row]?.length ?? 0;

function along(grid: Grid, row: number, start: number, step: 1 | -1): Place | null {
  for (let column = start; column >= 0 && column < widthOf(grid, row); column += step) {
    if (grid[row]?.[column]) return { row, column };
  }
  return null;
}

/** A row with a hole there is passed through its nearest square, so that no row is out of reach. */
function across(grid: Grid, from: number, column: number, step: 1 | -1): Place | null {
  for (let row = from + step; row >= 0 && row < grid.length; row += step) {
    const found = nearest(grid, row, column);
    if (found) return found;
  }
  return null;
}

function nearest(grid: Grid, row: number, column: number): Place | null {
  const left = along(grid, row, column, -1);
  const right = along(grid, row, column, 1);
  if (!left || !right) return left ?? right;
  return column - left.column <= right.column - column ? left : right;
}
