import { Text } from '../parts/text.tsx';
import type { Go } from '../use-address.ts';

export const UnknownCell = ({ id, go }: { id: string; go: Go }) => (
  <p class="notes" role="status">
    This run has no cell <Text of={id} most={200} />.{' '}
    <button type="button" class="small" onClick={() => go({ cell: null })}>
      all right
    </button>
  </p>
);
