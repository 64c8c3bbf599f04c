import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { firstOf, moved, type Place } from '../model/grid-move.ts';
import { isCell, type Matrix, rowsOf } from '../model/matrix.ts';

export interface Roving {
  /** The square that Tab leads to. */
  active: string | null;
  onKeyDown: (event: KeyboardEvent) => void;
  onFocusIn: (event: FocusEvent) => void;
}

export function useRoving(
  matrix: Matrix,
  table: RefObject<HTMLTableElement | null>,
  opened: string | null,
): Roving {
  const [last, setLast] = useState(opened);
  const squares = useMemo(() => squaresOf(matrix), [matrix]);
  const active = last !== null && squares.places.has(last) ? last : squares.first;
  useFollow(table, opened, setLast);
  const onKeyDown = (event: KeyboardEvent): void => {
    const id = cellOf(event.target);
    const from = id === undefined ? undefined : squares.places.get(id);
    if (id === undefined || !from || event.altKey || event.metaKey) return;
    if (event.key === ' ') {
      // A link hears Enter alone.
      event.preventDefault();
      squareOf(table.current, id)?.click();
      return;
    }
    const to = moved(squares.grid, from, event.key, event.ctrlKey);
    if (!to) return;
    event.preventDefault();
    squareOf(table.current, squares.idAt(to))?.focus();
  };
  const onFocusIn = ({ target }: FocusEvent): void => {
    const id = cellOf(target);
    if (id !== undefined) setLast(id);
  };
  return { active, onKeyDown, onFocusIn };
}

/** The square of the cell that is open stays in sight, and has the focus again when that is closed. */
function useFollow(
  table: RefObject<HTMLTableElement | null>,
  opened: string | null,
  setLast: (id: string) => void,
): void {
  const before = useRef(opened);
  useEffect(() => {
    const closed = opened === null ? before.current : null;
    before.current = opened;
    if (opened !== null) {
      setLast(opened);
      squareOf(table.current, opened)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
    if (closed !== null) squareOf(table.current, closed)?.focus();
  }, [table, opened, setLast]);
}

function squaresOf(matrix: Matrix) {
  const rows = rowsOf(matrix);
  const grid = rows.map(({ slots }) => slots.map(isCell));
  const idAt = ({ row, column }: Place): string | null => {
    const slot = rows[row]?.slots[column];
    return isCell(slot) ? slot.id : null;
  };
  const places = new Map<string, Place>();
  rows.forEach(({ slots }, row) => {
    slots.forEach((slot, column) => {
      if (isCell(slot)) places.set(slot.id, { row, column });
    });
  });
  const start = firstOf(grid);
  return { grid, idAt, places, first: start && idAt(start) };
}

const squareOf = (table: HTMLTableElement | null, id: string | null): HTMLElement | null =>
  id === null ? null : (table?.querySelector<HTMLElement>(`a[data-cell="${CSS.escape(id)}"]`) ?? null);

export function cellOf(target: EventTarget | null): string | undefined {
  if (!(target instanceof Element)) return undefined;
  return target.closest<HTMLElement>('a[data-cell]')?.dataset.cell;
}
