import { Section } from '../parts/section.tsx';
import { HistoryTable } from '../trend/history-table.tsx';
import { usePage } from '../use-page.ts';

/** The cell in the runs before, where it was not always the same. */
export function CellHistory({ id }: { id: string }) {
  const { trend } = usePage().data;
  const cells = trend?.cells.filter((cell) => cell.id === id) ?? [];
  if (!trend || cells.length === 0) return null;
  return (
    <Section title="In the runs before">
      <HistoryTable runs={trend.runs} cells={cells} named={false} />
    </Section>
  );
}
