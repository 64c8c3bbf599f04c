import { addressTo } from '../model/address.ts';
import { isPlainClick } from '../plain-click.ts';
import { usePage } from '../use-page.ts';
import { Text } from './text.tsx';

/** Opens the cell, where this page has it. */
export function CellLink({ id }: { id: string }) {
  const { cells, open } = usePage();
  if (!cells.has(id)) return <Text of={id} />;
  const click = (event: MouseEvent): void => {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    open(id);
  };
  return (
    <a href={addressTo(id)} onClick={click}>
      <Text of={id} />
    </a>
  );
}
