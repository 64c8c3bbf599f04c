import { useEffect, useRef } from 'preact/hooks';
import type { PageCell } from '../../../runner/src/report/page/page-data.ts';
import { neighboursOf } from '../model/matrix.ts';
import { Text } from '../parts/text.tsx';
import type { Go } from '../use-address.ts';
import { useKeys } from '../use-keys.ts';
import { CellDetail } from './cell-detail.tsx';
import { PanelBar } from './panel-bar.tsx';

interface Props {
  cell: PageCell;
  /** Those that the filter shows. */
  order: readonly PageCell[];
  go: Go;
}

/** Where it covers all, nothing behind it can be reached. */
const COVERS_ALL = '(max-width: 60rem)';

export function CellPanel({ cell, order, go }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const { before, after, place } = neighboursOf(order, cell.id);
  const to = (next: PageCell | undefined) => (): void => {
    if (next) go({ cell: next.id });
  };
  const close = (): void => go({ cell: null });
  useKeys({ Escape: close, j: to(after), k: to(before) });
  useEffect(() => {
    const opener = document.activeElement;
    if (matchMedia(COVERS_ALL).matches) dialog.current?.showModal();
    else dialog.current?.show();
    heading.current?.focus({ preventScroll: true });
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  useEffect(() => dialog.current?.scrollTo(0, 0), [cell]);
  const onCancel = (event: Event): void => {
    event.preventDefault();
    close();
  };
  return (
    <dialog ref={dialog} class="panel" aria-labelledby="cell" onCancel={onCancel}>
      <PanelBar
        previous={before && to(before)}
        next={after && to(after)}
        place={place}
        all={order.length}
        close={close}
      />
      <h2 id="cell" ref={heading} tabIndex={-1}>
        <Text of={cell.id} most={300} />
      </h2>
      <CellDetail key={cell.id} cell={cell} />
    </dialog>
  );
}
