import { useRef } from 'preact/hooks';
import type { Matrix } from '../model/matrix.ts';
import { isPlainClick } from '../plain-click.ts';
import { usePage } from '../use-page.ts';
import { ColumnHead } from './column-head.tsx';
import { FamilyRows } from './family-rows.tsx';
import { cellOf, useRoving } from './use-roving.ts';
import { useRows } from './use-rows.ts';

interface Props {
  matrix: Matrix;
  opened: string | null;
}

/** A grid with one tab stop: the keys lead from square to square. */
export function MatrixTable({ matrix, opened }: Props) {
  const { open } = usePage();
  const table = useRef<HTMLTableElement>(null);
  const { active, onKeyDown, onFocusIn } = useRoving(matrix, table, opened);
  const families = useRows(matrix.families, opened !== null);
  const onClick = (event: MouseEvent): void => {
    const id = cellOf(event.target);
    if (id === undefined || !isPlainClick(event)) return;
    event.preventDefault();
    open(id);
  };
  return (
    <div class="scroll matrix">
      <table
        aria-label="Verdicts"
        style={{ '--columns': matrix.columns.length }}
        {...{ ref: table, onClick, onKeyDown, onFocusIn }}
      >
        <thead>
          <tr>
            <th scope="col" class="corner">
              <span class="unseen">scenario</span>
            </th>
            {matrix.columns.map((column) => (
              <ColumnHead key={column} column={column} />
            ))}
          </tr>
        </thead>
        {families.map((family) => (
          <FamilyRows
            key={family.name}
            family={family}
            columns={matrix.columns}
            active={active}
            opened={opened}
          />
        ))}
      </table>
    </div>
  );
}
