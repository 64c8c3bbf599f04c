import { NO_FILTER } from '../model/filter.ts';
import type { Matrix } from '../model/matrix.ts';
import type { Go } from '../use-address.ts';
import { usePage } from '../use-page.ts';
import { Legend } from './legend.tsx';
import { MatrixTable } from './matrix-table.tsx';

interface Props {
  matrix: Matrix;
  opened: string | null;
  go: Go;
}

export function MatrixView({ matrix, opened, go }: Props) {
  const { data } = usePage();
  if (data.cells.length === 0) return <p class="empty">This run has no cells.</p>;
  if (matrix.columns.length === 0) {
    return (
      <p class="empty">
        No cell is like this.{' '}
        <button type="button" onClick={() => go(NO_FILTER)}>
          Show all {data.cells.length}
        </button>
      </p>
    );
  }
  return (
    <>
      <MatrixTable matrix={matrix} opened={opened} />
      <Legend />
    </>
  );
}
