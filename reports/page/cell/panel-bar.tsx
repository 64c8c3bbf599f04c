interface Props {
  previous: (() => void) | undefined;
  next: (() => void) | undefined;
  /** From 1; 0 for one that the filter hides. */
  place: number;
  all: number;
  close: () => void;
}

/** Buttons that lead nowhere can still have the focus, so that it is not lost at the last cell. */
export const PanelBar = ({ previous, next, place, all, close }: Props) => (
  <div class="panel-bar">
    <button type="button" aria-disabled={!previous} onClick={previous} title="k">
      <span aria-hidden="true">↑</span> previous
    </button>
    <button type="button" aria-disabled={!next} onClick={next} title="j">
      <span aria-hidden="true">↓</span> next
    </button>
    <p role="status">{place > 0 ? `${place} of ${all}` : 'hidden by the filter'}</p>
    <button type="button" class="close" onClick={close} title="Esc">
      close
    </button>
  </div>
);
