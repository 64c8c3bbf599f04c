import type { View } from '../model/address.ts';
import type { Go } from '../use-address.ts';

const VIEWS: readonly { view: View; name: string }[] = [
  { view: 'matrix', name: 'Matrix' },
  { view: 'trend', name: 'Trend' },
];

export const Tabs = ({ view: current, go }: { view: View; go: Go }) => (
  <nav class="tabs" aria-label="Views">
    {VIEWS.map(({ view, name }) => (
      <button
        type="button"
        key={view}
        aria-current={view === current ? 'page' : undefined}
        onClick={() => go({ view, cell: null })}
      >
        {name}
      </button>
    ))}
  </nav>
);
