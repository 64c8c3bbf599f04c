import { useCallback, useMemo } from 'preact/hooks';
import type { PageData } from '../../runner/src/report/page/page-data.ts';
import { CellPanel } from './cell/cell-panel.tsx';
import { FilterBar } from './head/filter-bar.tsx';
import { Foot } from './head/foot.tsx';
import { Head } from './head/head.tsx';
import { Notes } from './head/notes.tsx';
import { UnknownCell } from './head/unknown-cell.tsx';
import { MatrixView } from './matrix/matrix-view.tsx';
import { type Address, hashOf } from './model/address.ts';
import { searchOf } from './model/filter.ts';
import { cellsInOrder, type Matrix, matrixOf } from './model/matrix.ts';
import { PageContext } from './page-context.ts';
import { TrendView } from './trend/trend-view.tsx';
import { useAddress } from './use-address.ts';

export function App({ data }: { data: PageData }) {
  const { address, go } = useAddress();
  const open = useCallback((id: string) => go({ cell: id }), [go]);
  const page = useMemo(
    () => ({ data, open, cells: new Map(data.cells.map((cell) => [cell.id, cell])) }),
    [data, open],
  );
  const matrix = useMatrix(data, address);
  const order = useMemo(() => cellsInOrder(matrix), [matrix]);
  const isTrend = address.view === 'trend' && data.trend !== null;
  const opened = address.cell === null ? undefined : page.cells.get(address.cell);
  return (
    <PageContext.Provider value={page}>
      <div class={opened ? 'page with-panel' : 'page'}>
        <Head data={data} address={address} go={go} />
        <main>
          <Notes notes={data.notes} />
          {address.cell !== null && !opened && <UnknownCell id={address.cell} go={go} />}
          {!isTrend && <FilterBar address={address} go={go} shown={order.length} />}
          {isTrend && data.trend ? (
            <TrendView trend={data.trend} />
          ) : (
            <MatrixView matrix={matrix} opened={opened?.id ?? null} go={go} />
          )}
        </main>
        <Foot />
      </div>
      {opened && <CellPanel cell={opened} order={order} go={go} />}
    </PageContext.Provider>
  );
}

function useMatrix(data: PageData, address: Address): Matrix {
  const search = useMemo(() => searchOf(data), [data]);
  // An address is a new one for every change: only what filters makes another matrix.
  const asked = hashOf({ ...address, cell: null, view: 'matrix' });
  return useMemo(() => matrixOf(data.cells, search(address)), [data, search, asked]);
}
