import { useEffect, useState } from 'preact/hooks';
import type { Family } from '../model/matrix.ts';

/** More than a window shows. */
const FIRST_ROWS = 30;

/**
 * The families with as many rows as a window shows at first, and with all of them when that is painted: a thousand squares take
 * longer to lay out than to look at the first hundred. With `atOnce` all are there from the start.
 */
export function useRows(families: readonly Family[], atOnce: boolean): readonly Family[] {
  const [all, setAll] = useState(atOnce);
  useEffect(() => {
    // A frame is painted behind what it was asked for.
    const frame = requestAnimationFrame(() => setTimeout(() => setAll(true)));
    return () => cancelAnimationFrame(frame);
  }, []);
  return all ? families : firstRows(families, FIRST_ROWS);
}

export function firstRows(families: readonly Family[], most: number): Family[] {
  let left = most;
  return families.flatMap((family) => {
    const rows = family.rows.slice(0, left);
    left -= rows.length;
    return rows.length > 0 ? [{ ...family, rows }] : [];
  });
}
