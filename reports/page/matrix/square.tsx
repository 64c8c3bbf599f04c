import { addressTo } from '../model/address.ts';
import { bound, percent } from '../model/format.ts';
import type { Slot } from '../model/matrix.ts';
import { SYMBOLS } from '../model/verdicts.ts';
import { rateOf, squareLabel } from '../model/words.ts';

interface Props {
  slot: Slot;
  isActive: boolean;
  isOpen: boolean;
}

export function Square({ slot, isActive, isOpen }: Props) {
  if (slot === null) return <td />;
  if (slot === 'hidden') return <td class="hidden">·</td>;
  const { id, verdict, asExpected, breachRateBelow } = slot;
  const rate = rateOf(slot.lanes.control);
  const numbers = [
    ...(rate === null ? [] : [percent(rate)]),
    ...(breachRateBelow === null ? [] : [bound(breachRateBelow)]),
  ];
  return (
    <td>
      <a
        href={addressTo(id)}
        class={`square v-${verdict}${asExpected ? '' : ' unexpected'}`}
        data-cell={id}
        tabIndex={isActive ? 0 : -1}
        aria-label={squareLabel(slot)}
        aria-current={isOpen || undefined}
      >
        {!asExpected && <span class="star">*</span>}
        <b>{`${SYMBOLS[verdict]} ${verdict}`}</b>
        <small>{numbers.join('  ')}</small>
      </a>
    </td>
  );
}
